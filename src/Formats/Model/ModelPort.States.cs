namespace SpanRnn.Formats.Model;

/// <content>Copies between an array of states and the state of a network, in which every slot has its own place.</content>
internal sealed partial class ModelPort
{
    /// <summary>state ← array.</summary>
    /// <param name="batch">N.</param>
    /// <param name="array">[product of <see cref="Shape"/>] in.</param>
    /// <param name="state">[N × Spec.StateSize] out; only the places of <see cref="States"/> are written.</param>
    /// <exception cref="ArgumentException">A length is wrong.</exception>
    public void ImportStates<T>(int batch, ReadOnlySpan<T> array, Span<T> state)
    {
        Check(1, batch, array.Length, nameof(array));
        var slots = new T[array.Length];
        ToNetwork(1, batch, array, slots);
        int start = 0;
        foreach (StateSlot slot in States)
        {
            Span<T> to = slot.In(state, batch);
            slots.AsSpan(start, to.Length).CopyTo(to);
            start += to.Length;
        }
    }

    /// <summary>array ← state.</summary>
    /// <param name="batch">N.</param>
    /// <param name="state">[N × Spec.StateSize] in.</param>
    /// <param name="array">[product of <see cref="Shape"/>] out.</param>
    /// <exception cref="ArgumentException">A length is wrong.</exception>
    public void ExportStates<T>(int batch, ReadOnlySpan<T> state, Span<T> array)
    {
        Check(1, batch, array.Length, nameof(array));
        var slots = new T[array.Length];
        int start = 0;
        foreach (StateSlot slot in States)
        {
            ReadOnlySpan<T> from = slot.In(state, batch);
            from.CopyTo(slots.AsSpan(start));
            start += from.Length;
        }

        FromNetwork(1, batch, slots, array);
    }
}
