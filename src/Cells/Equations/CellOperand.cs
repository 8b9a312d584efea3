namespace SpanRnn.Cells.Equations;

/// <summary>Operands of a layer that is not standard, for one register of units: its description and its peephole weights.</summary>
/// <param name="Layer">The description, which has the activations and the clip.</param>
/// <param name="Input">Peephole weights of i.</param>
/// <param name="Forget">Peephole weights of f; not used by a layer without f.</param>
/// <param name="Output">Peephole weights of o.</param>
/// <typeparam name="V">The register.</typeparam>
internal readonly record struct CellOperand<V>(LayerSpec Layer, V Input, V Forget, V Output)
    where V : struct
{
    /// <summary>The peephole weights of a gate.</summary>
    public V Weights(Peephole gate) => gate switch
    {
        Peephole.Input => Input,
        Peephole.Forget => Forget,
        _ => Output,
    };
}
