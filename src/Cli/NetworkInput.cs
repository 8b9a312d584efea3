using System.Numerics;
using SpanRnn.Cells;
using SpanRnn.Formats;

namespace SpanRnn.Cli;

/// <summary>The files of --input, held against the model and laid out as a network reads them.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
internal sealed class NetworkInput<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private NetworkInput(SequenceLayout layout, T[] x, T[] state)
    {
        Layout = layout;
        X = x;
        State = state;
    }

    /// <summary>Steps, batch and lengths.</summary>
    public SequenceLayout Layout { get; }

    /// <summary>[T, B, I].</summary>
    public T[] X { get; }

    /// <summary>The initial state of the network; where no file is given, what it has been trained to start from, else zeros.</summary>
    public T[] State { get; }

    /// <summary>Reads the files; says so on the error stream where one holds NaN or infinity.</summary>
    public static NetworkInput<T> Read(
        RecurrentModel model, ReadOnlySpan<T> parameters, NamedFiles files, bool batchFirst, Terminal terminal)
    {
        var input = SequenceInput<T>.Read(model.Spec, NpyFile.Read(files["x"]!), files["lengths"], batchFirst, terminal);
        T[] x = input.X;
        if (input.Symbols is not null)
        {
            var network = new Network<T>(model.Spec);
            x = new T[network.InputLength(input.Layout)];
            network.Embed(parameters, input.Layout, input.Symbols, x);
        }

        int batch = input.Layout.Batch;
        var state = new T[checked(batch * model.Spec.StateSize)];
        new Network<T>(model.Spec).Start(parameters, batch, state);
        ReadState(model, files["h0"], StateKind.Hidden, batch, state, terminal);
        ReadState(model, files["c0"], StateKind.Cell, batch, state, terminal);
        return new NetworkInput<T>(input.Layout, x, state);
    }

    /// <summary>Reads one kind of state, initial or final, or its gradient, to its places in the state of the network.</summary>
    public static void ReadState(RecurrentModel model, string? path, StateKind kind, int batch, T[] state, Terminal terminal)
    {
        if (path is not null)
        {
            ModelPort port = model.Input(kind == StateKind.Hidden ? "h0" : "c0") ?? throw new ModelFormatException(
                path, $"the model {model.Name} is no LSTM and has no cell state, expected no array for one.");
            var file = NpyFile.Read(path);
            T[] values = NumberFile.Read<T>(file, "layers × directions", "B", kind == StateKind.Hidden ? "P" : "H");
            NumberFile.ExpectShape(file, port.Shape(1, batch), "[layers × directions, batch, size]");
            NumberFile.WarnUnlessFinite<T>(file.Name, file.Shape, values, terminal);
            port.ImportStates<T>(batch, values, state);
        }
    }
}
