using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Drivers;

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

/// <summary>The description of a layer and its peephole weights, one row of H numbers for each gate but g; none for other layers.</summary>
/// <typeparam name="T">The precision.</typeparam>
internal readonly ref struct LayerOperand<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly LayerSpec _layer;
    private readonly ref readonly T _peepholes;
    private readonly int _stride;

    public LayerOperand(LayerSpec layer, ref readonly T peepholes, int stride)
    {
        _layer = layer;
        _peepholes = ref peepholes;
        _stride = stride;
    }

    /// <summary>That of some units of a cell that is chosen at run time.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public CellOperand<V> At<V, TExtent>(nuint unit, int count)
        where V : struct, ISimd<V, T>
        where TExtent : struct, IExtent
    {
        if (!_layer.Peepholes)
        {
            return new(_layer, default, default, default);
        }

        // Rows i f o, or i o.
        nuint last = (nuint)((_layer.Gates - 2) * _stride);
        return new(
            _layer,
            TExtent.Load<V, T>(in _peepholes, unit, count),
            TExtent.Load<V, T>(in _peepholes, unit + (nuint)_stride, count),
            TExtent.Load<V, T>(in _peepholes, unit + last, count));
    }
}
