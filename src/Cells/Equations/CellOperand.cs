namespace SpanRnn.Cells.Equations;

/// <summary>What a variant that is chosen at run time needs to know beside a register's worth of units.</summary>
/// <param name="Layer">The description: activations and clip.</param>
/// <param name="Input">Peephole weights of i.</param>
/// <param name="Forget">Those of f; of no use where there is no f.</param>
/// <param name="Output">Those of o.</param>
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
