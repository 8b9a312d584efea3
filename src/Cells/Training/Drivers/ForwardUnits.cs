using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Cells.Equations;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>Units of one row of the tape in a forward step; <typeparamref name="TMask"/> has the lanes of a register that are used.</summary>
internal ref struct ForwardUnits<V, T, TCell, TMask> : IForwardUnits<V>
    where V : struct, ISimd<V, T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TCell : struct, ICell
    where TMask : struct, ILaneMask
{
    private readonly ref T _tape;
    private readonly ref T _previousH;
    private readonly ref T _previousC;
    private readonly ref T _h;
    private readonly ref T _peepholes;
    private readonly nuint _size;
    private readonly nuint _end;
    private nuint _unit;

    /// <summary>Units <paramref name="unit"/> to <paramref name="end"/> − 1, at least one, of a row.</summary>
    public ForwardUnits(
        ref T tape, ref T previousH, ref T previousC, ref T h, ref T peepholes, int hiddenSize, int unit, int end)
    {
        _tape = ref tape;
        _previousH = ref previousH;
        _previousC = ref previousC;
        _h = ref h;
        _peepholes = ref peepholes;
        _size = (nuint)hiddenSize;
        _unit = (nuint)unit;
        _end = (nuint)end;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Next()
    {
        _unit += (nuint)V.Count;
        return _unit < _end;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V Gate(int gate) => LoadBlock(gate);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Keep(int gate, V value) => StoreBlock(gate, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V CandidateProduct() => LoadBlock(CellShape<TCell>.CandidateBlock);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void StoreGated(V gated) => StoreBlock(CellShape<TCell>.CandidateBlock, Denormals.Flush<V, T>(gated));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V PreviousH() => Load(in _previousH, _unit);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void StoreH(V h) => Store(Denormals.Flush<V, T>(h), ref _h, _unit);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V PreviousC() => Load(in _previousC, _unit);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V C() => LoadBlock(CellShape<TCell>.CellStateBlock);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void StoreC(V c) => StoreBlock(CellShape<TCell>.CellStateBlock, Denormals.Flush<V, T>(c));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly V Peephole(int row) => Load(in _peepholes, _unit + ((nuint)row * _size));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly V LoadBlock(int block) => Load(in _tape, _unit + ((nuint)block * _size));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void StoreBlock(int block, V value) => Store(value, ref _tape, _unit + ((nuint)block * _size));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly V Load(ref readonly T row, nuint index) => TMask.Load<V, T>(in row, index, (int)(_end - _unit));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void Store(V value, ref T row, nuint index) => TMask.Store(value, ref row, index, (int)(_end - _unit));
}
