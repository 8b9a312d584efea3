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
        PyTorchModel model, ReadOnlySpan<T> parameters, NamedFiles files, bool batchFirst, Terminal terminal)
    {
        var file = NpyFile.Read(files["x"]!);
        T[] x = NumberFile.Read<T>(file, batchFirst ? ["B", "T", "I"] : ["T", "B", "I"]);
        int steps = file.Shape[batchFirst ? 1 : 0];
        int batch = file.Shape[batchFirst ? 0 : 1];
        if (batch == 0 || steps == 0)
        {
            string what = batch == 0 ? "an empty batch" : "zero steps";
            throw new ModelFormatException(
                file.Name, $"the shape is {NumberFile.Text(file.Shape)}, {what}, expected at least one sequence of one step.");
        }

        int inputSize = model.Spec.InputSize;
        NumberFile.ExpectShape(
            file, batchFirst ? [batch, steps, inputSize] : [steps, batch, inputSize], "the model's input size last");

        var layout = new SequenceLayout();
        if (files["lengths"] is { } lengths)
        {
            layout.Set(steps, ReadLengths(lengths, steps, batch));
        }
        else
        {
            layout.Set(steps, batch);
        }

        Axes.ClearPadding<T>(layout, x, batchFirst);
        NumberFile.WarnUnlessFinite<T>(file.Name, file.Shape, x, terminal);
        var state = new T[checked(batch * model.Spec.StateSize)];
        new Network<T>(model.Spec).Start(parameters, batch, state);
        ReadState(model, files["h0"], StateKind.Hidden, batch, state, terminal);
        ReadState(model, files["c0"], StateKind.Cell, batch, state, terminal);
        return new NetworkInput<T>(layout, batchFirst ? Axes.Exchange<T>(x, batch, steps) : x, state);
    }

    /// <summary>Reads one kind of state, initial or final, or its gradient, to its places in the state of the network.</summary>
    public static void ReadState(PyTorchModel model, string? path, StateKind kind, int batch, T[] state, Terminal terminal)
    {
        if (path is not null)
        {
            if (model.Spec.State(0, Direction.Forward, kind) is null)
            {
                throw new ModelFormatException(
                    path, $"the model {model.Name} is no LSTM and has no cell state, expected no array for one.");
            }

            var file = NpyFile.Read(path);
            T[] values = NumberFile.Read<T>(file, "layers × directions", "B", kind == StateKind.Hidden ? "P" : "H");
            NumberFile.ExpectShape(file, model.StateShape(kind, batch), "[layers × directions, batch, size]");
            NumberFile.WarnUnlessFinite<T>(file.Name, file.Shape, values, terminal);
            model.ImportState<T>(kind, batch, values, state);
        }
    }

    private static int[] ReadLengths(string path, int steps, int batch)
    {
        var file = NpyFile.Read(path);
        long[] lengths = file.ToInt64s("B");
        NumberFile.ExpectShape(file, [batch], "one length for each sequence");
        for (int i = 0; i < lengths.Length; i++)
        {
            if (lengths[i] < 0 || lengths[i] > steps)
            {
                throw new ModelFormatException(path, $"the length of sequence {i} is {lengths[i]}, expected 0 to {steps}, the steps of x.");
            }
        }

        return Array.ConvertAll(lengths, length => (int)length);
    }
}
