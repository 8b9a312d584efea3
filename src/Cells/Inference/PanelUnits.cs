using System.Runtime.CompilerServices;
using SpanRnn.Cells.Equations;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Inference;

/// <summary>
/// Units of some blocks of a row in a step of inference, from pre-activations in the order of <see cref="PanelShape{TCell}"/>. Rows are
/// padded to full registers, and nothing is kept.
/// </summary>
internal ref struct PanelUnits<V, TCell> : IForwardUnits<V>
    where V : struct, ISimd<V, float>
    where TCell : struct, ICell
{
    private readonly ref readonly float _preActivations;
    private readonly ref readonly float _previousH;
    private readonly ref float _c;
    private readonly ref float _h;
    private readonly ref readonly float _peepholes;
    private readonly int _peepholeStride;
    private readonly int _blocks;
    private int _block;

    /// <summary>
    /// <paramref name="blocks"/> blocks, one at least; every reference is that of the first block. <paramref name="h"/> may be
    /// <paramref name="previousH"/>, and gets the gated state in a first phase.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PanelUnits(
        ref readonly float preActivations,
        ref readonly float previousH,
        ref float c,
        ref float h,
        ref readonly float peepholes,
        int peepholeStride,
        int blocks)
    {
        _preActivations = ref preActivations;
        _previousH = ref previousH;
        _c = ref c;
        _h = ref h;
        _peepholes = ref peepholes;
        _peepholeStride = peepholeStride;
        _blocks = blocks;
    }

    private readonly nuint Unit
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (nuint)(_block * V.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Next()
    {
        _block++;
        return _block < _blocks;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V Gate(int gate) => V.Load(in _preActivations, (nuint)(PanelShape<TCell>.Register(gate, _block) * V.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Keep(int gate, V value)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V CandidateProduct() => Gate(TCell.Gates);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void StoreGated(V gated) => StoreH(gated);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V PreviousH() => Denormals.Flush<V, float>(V.Load(in _previousH, Unit));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void StoreH(V h) => V.Store(Denormals.Flush<V, float>(h), ref _h, Unit);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V PreviousC() => V.Load(in _c, Unit);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V C() => PreviousC();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void StoreC(V c) => V.Store(Denormals.Flush<V, float>(c), ref _c, Unit);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V Peephole(int row) => V.Load(in _peepholes, Unit + (nuint)(row * _peepholeStride));
}
