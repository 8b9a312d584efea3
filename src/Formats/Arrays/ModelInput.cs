using System.Numerics;
using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.Arrays;

/// <summary>Input of a forward pass, from arrays as a model's file lays them out: x as numbers, and the initial state.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
internal sealed class ModelInput<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private ModelInput(InputSequences<T> sequences, T[] x, T[] state, ModelPort[] given)
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

    /// <summary>The layout of x in its array.</summary>
    public ModelPort Port { get; }

    /// <summary>True if x is [T] in its array, without the other axes.</summary>
    public bool IsFlat { get; }

    /// <summary>[T, B, I].</summary>
    public T[] X { get; }

    /// <summary>The initial state of the network: from arrays, else as trained, else zeros.</summary>
    public T[] State { get; }

    /// <summary>The initial states that arrays gave.</summary>
    public ModelPort[] Given { get; }

    /// <summary>Checks the arrays and brings them into the order of the network.</summary>
    /// <param name="model">The model.</param>
    /// <param name="parameters">Its parameters.</param>
    /// <param name="inputs">An array for x, and for any other of the model's inputs, by name.</param>
    /// <param name="batchFirst">True if x is [B, T, …] instead of [T, B, …].</param>
    /// <param name="notice">Receives what may be a mistake.</param>
    /// <exception cref="ModelFormatException">An array does not fit; the message names it.</exception>
    public static ModelInput<T> From(
        RecurrentModel model,
        ReadOnlySpan<T> parameters,
        IReadOnlyDictionary<string, NpyArray> inputs,
        bool batchFirst,
        Notice notice)
    {
        ModelPort port = Ports.Principal(model.Inputs);
        string? lengthsName = model.Inputs.FirstOrDefault(input => input.Kind == PortKind.Lengths)?.Name;
        var sequences = InputSequences<T>.From(
            model.Spec,
            Ports.As(port, batchFirst),
            inputs[port.Name],
            lengthsName is null ? null : inputs.GetValueOrDefault(lengthsName),
            lengthsName,
            model.FixedLengths,
            notice);
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
        ModelPort[] given = [.. model.Inputs.Where(input => input.Kind == PortKind.States && inputs.ContainsKey(input.Name))];
        foreach (ModelPort states in given)
        {
            ArrayContent.ReadStates(states, inputs[states.Name], layout.Batch, state, notice);
        }

        if (model.ZeroLengthGivesZeros)
        {
            ClearEmptySequences(model.Spec, layout, state);
        }

        return new ModelInput<T>(sequences, x, state, given);
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
