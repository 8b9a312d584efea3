namespace SpanRnn.Formats.Model;

/// <summary>Arrays of a model whose file does not name them. They have PyTorch's names: x, lengths, h0, c0 and y, hn, cn.</summary>
internal static class ModelPorts
{
    /// <summary>Inputs: x [T, B, I] or, of a network with an embedding, symbols [T, B]; lengths [B]; initial states.</summary>
    /// <param name="spec">The network.</param>
    public static ModelPort[] Inputs(NetworkSpec spec)
    {
        ModelPort x = spec.Embedding is null
            ? new("x", PortKind.Values, [[PortAxis.Steps], [PortAxis.Batch], [PortAxis.Features]], spec.InputSize)
            : new("x", PortKind.Symbols, [[PortAxis.Steps], [PortAxis.Batch]], 1);
        ModelPort lengths = new("lengths", PortKind.Lengths, [[PortAxis.Batch]], 1);
        return [x, lengths, .. States(spec, "h0", "c0")];
    }

    /// <summary>Outputs: y [T, B, O], or [B, O] of a network with one output per sequence; final states.</summary>
    /// <param name="spec">The network.</param>
    public static ModelPort[] Outputs(NetworkSpec spec)
    {
        PortAxis[][] axes = spec.IsManyToOne
            ? [[PortAxis.Batch], [PortAxis.Features]]
            : [[PortAxis.Steps], [PortAxis.Batch], [PortAxis.Features]];
        return [new("y", PortKind.Values, axes, spec.OutputSize), .. States(spec, "hn", "cn")];
    }

    // One array for all layers and directions if all layers are alike; else one for each layer, with its number.
    private static IEnumerable<ModelPort> States(NetworkSpec spec, string hidden, string cell)
    {
        foreach ((StateKind kind, string name) in new[] { (StateKind.Hidden, hidden), (StateKind.Cell, cell) })
        {
            StateSlot[] slots = [.. spec.States.ToArray().Where(slot => slot.Kind == kind)];
            bool equal = slots
                .Select(slot => (slot.Size, ((RecurrentLayer)spec.Layers[slot.Layer]).DirectionCount)).Distinct().Count() == 1;
            foreach (IGrouping<int, StateSlot> group in slots.GroupBy(slot => equal ? -1 : slot.Layer))
            {
                yield return new(
                    equal ? name : $"{name}_l{group.Key}",
                    PortKind.States,
                    [[PortAxis.Slots], [PortAxis.Batch], [PortAxis.Features]],
                    group.First().Size,
                    states: [.. group]);
            }
        }
    }
}
