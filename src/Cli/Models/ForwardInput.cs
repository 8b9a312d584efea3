using System.Numerics;
using SpanRnn.Cli.Arrays;
using SpanRnn.Cli.Output;

namespace SpanRnn.Cli.Models;

/// <summary>Input of a forward pass, from the files of --input: x as numbers and the initial state.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
internal sealed class ForwardInput<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private ForwardInput(InputSequences<T> sequences, T[] x, T[] state, ModelPort[] given)
    {
        Layout = sequences.Layout;
        Port = sequences.Port;
        IsFlat = sequences.IsFlat;
        X = x;
        State = state;
        Given = given;
    }

    /// <summary>Steps, batch and lengths.</summary>
    public SequenceLayout Layout { get; }

    /// <summary>The layout of x in its file.</summary>
    public ModelPort Port { get; }

    /// <summary>True if x is [T] in its file, without the other axes.</summary>
    public bool IsFlat { get; }

    /// <summary>[T, B, I].</summary>
    public T[] X { get; }

    /// <summary>The initial state of the network: from files, else as trained, else zeros.</summary>
    public T[] State { get; }

    /// <summary>The initial states that files gave.</summary>
    public ModelPort[] Given { get; }

    /// <summary>Reads the files. Warns of NaN and infinity.</summary>
    public static ForwardInput<T> Read(ModelInputs inputs, ReadOnlySpan<T> parameters, Terminal terminal)
    {
        RecurrentModel model = inputs.Model;
        Dictionary<string, string> files = inputs.Files;
        ModelPort port = Ports.Principal(model.Inputs);
        string? lengthsName = model.Inputs.FirstOrDefault(input => input.Kind == PortKind.Lengths)?.Name;
        var sequences = InputSequences<T>.Read(
            model.Spec,
            Ports.As(port, inputs.BatchFirst),
            NpyFile.Read(files[port.Name]),
            lengthsName is null ? null : files.GetValueOrDefault(lengthsName),
            lengthsName,
            model.FixedLengths,
            terminal);
        SequenceLayout layout = sequences.Layout;
        var network = new Network<T>(model.Spec);
        T[] x = sequences.X;
        if (sequences.Symbols is not null)
        {
            x = new T[network.Spec.InputLength(layout.Steps, layout.Batch)];
            network.Embed(parameters, layout, sequences.Symbols, x);
        }

        var state = new T[checked(layout.Batch * model.Spec.StateSize)];
        network.WriteInitialState(parameters, layout.Batch, state);
        ModelPort[] given = [.. model.Inputs.Where(input => input.Kind == PortKind.States && files.ContainsKey(input.Name))];
        foreach (ModelPort states in given)
        {
            ArrayFile.ReadStates(states, files[states.Name], layout.Batch, state, terminal);
        }

        if (model.ZeroLengthGivesZeros)
        {
            ClearEmptySequences(model.Spec, layout, state);
        }

        return new ForwardInput<T>(sequences, x, state, given);
    }

    // A sequence of length 0 ends in its initial state, which therefore is zeros.
    private static void ClearEmptySequences(NetworkSpec spec, SequenceLayout layout, T[] state)
    {
        foreach (StateSlot slot in spec.States)
        {
            Span<T> values = slot.In(state.AsSpan(), layout.Batch);
            for (int sequence = 0; sequence < layout.Batch; sequence++)
            {
                if (layout.Length(sequence) == 0)
                {
                    values.Slice(sequence * slot.Size, slot.Size).Clear();
                }
            }
        }
    }
}
