using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Equations;

/// <summary>The description of a layer and its peephole weights, if it has any: a row of H numbers for each gate but g.</summary>
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

    /// <summary>
    /// The operands of <paramref name="count"/> units from <paramref name="unit"/> on, for a cell of a layer that is not standard.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public CellOperand<V> At<V, TMask>(nuint unit, int count)
        where V : struct, ISimd<V, T>
        where TMask : struct, ILaneMask
    {
        if (!_layer.Peepholes)
        {
            return new(_layer, default, default, default);
        }

        // The rows are i f o, or i o if the gates are coupled.
        nuint last = (nuint)((_layer.Gates - 2) * _stride);
        return new(
            _layer,
            TMask.Load<V, T>(in _peepholes, unit, count),
            TMask.Load<V, T>(in _peepholes, unit + (nuint)_stride, count),
            TMask.Load<V, T>(in _peepholes, unit + last, count));
    }
}
