using System.Numerics;
using SpanRnn.Cells;
using SpanRnn.Cli.Output;
using SpanRnn.Formats;

namespace SpanRnn.Cli.Arrays;

/// <summary>The files of --input, held against the model and laid out as a network reads them.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
internal sealed class ForwardInput<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private ForwardInput(InputSequences<T> input, T[] x, T[] state, ModelPort[] given)
    {
        Layout = input.Layout;
        Port = input.Port;
        IsFlat = input.IsFlat;
        X = x;
        State = state;
        Given = given;
    }

    /// <summary>Steps, batch and lengths.</summary>
    public SequenceLayout Layout { get; }

    /// <summary>How x lay in its file.</summary>
    public ModelPort Port { get; }

    /// <summary>It lay there as [T], without the other axes.</summary>
    public bool IsFlat { get; }

    /// <summary>[T, B, I].</summary>
    public T[] X { get; }

    /// <summary>The initial state of the network; where no file is given, what it has been trained to start from, else zeros.</summary>
    public T[] State { get; }

    /// <summary>The initial states that files gave.</summary>
    public ModelPort[] Given { get; }

    /// <summary>Reads the files; says so on the error stream where one holds NaN or infinity.</summary>
    public static ForwardInput<T> Read(
        RecurrentModel model, ReadOnlySpan<T> parameters, Dictionary<string, string> files, bool batchFirst, Terminal terminal)
    {
        ModelPort port = Ports.Principal(model.Inputs);
        string? lengths = model.Inputs.FirstOrDefault(input => input.Kind == PortKind.Lengths) is { } lengthsPort
            ? files.GetValueOrDefault(lengthsPort.Name)
            : null;
        var input = InputSequences<T>.Read(
            model.Spec, Ports.As(port, batchFirst), NpyFile.Read(files[port.Name]), lengths, model.FixedLengths, terminal);
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
        ModelPort[] given = [.. model.Inputs.Where(input => input.Kind == PortKind.States && files.ContainsKey(input.Name))];
        foreach (ModelPort states in given)
        {
            ReadStates(states, files[states.Name], batch, state, terminal);
        }

        if (model.ZeroLengthGivesZeros)
        {
            // A sequence without a step ends in the state that it began with.
            foreach (StateSlot slot in model.Spec.States)
            {
                Span<T> values = slot.In(state.AsSpan(), batch);
                for (int sequence = 0; sequence < batch; sequence++)
                {
                    if (input.Layout.Length(sequence) == 0)
                    {
                        values.Slice(sequence * slot.Size, slot.Size).Clear();
                    }
                }
            }
        }

        return new ForwardInput<T>(input, x, state, given);
    }

    /// <summary>Reads states, initial or final, or their gradient, to their places in the state of the network.</summary>
    public static void ReadStates(ModelPort port, string path, int batch, T[] state, Terminal terminal)
    {
        var file = NpyFile.Read(path);
        T[] values = ArrayFile.Read<T>(file, ArrayFile.Axes(port));
        ArrayFile.ExpectShape(file, port.Shape(1, batch), $"{port.Axes} of {port.Name}");
        ArrayFile.WarnUnlessFinite<T>(file.Name, file.Shape, values, terminal);
        port.ImportStates<T>(batch, values, state);
    }
}
