using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Cells.Equations;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>
/// One phase of a forward step over rows. Pre-activations in <c>tape</c> become the numbers that the tape keeps, the new c and the gated
/// state go to the tape, and the new h goes to <c>h</c>, which may be <c>previousH</c> itself.
/// </summary>
internal readonly ref struct ForwardRows<T, TCell, TPhase>(
    TCell cell,
    MatrixView<T> tape,
    MatrixView<T> previousH,
    MatrixView<T> previousC,
    MatrixView<T> h,
    MatrixView<T> peepholes,
    int hiddenSize) : IKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TCell : struct, ICell
    where TPhase : struct
{
    private readonly TCell _cell = cell;
    private readonly MatrixView<T> _tape = tape;
    private readonly MatrixView<T> _previousH = previousH;
    private readonly MatrixView<T> _previousC = previousC;
    private readonly MatrixView<T> _h = h;
    private readonly MatrixView<T> _peepholes = peepholes;
    private readonly int _hiddenSize = hiddenSize;

    // The last units of a row are a masked tail: one more register, which takes as long as a full one. One at a time, each of these units
    // took as long as a full register.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T>
    {
        int whole = _hiddenSize - (_hiddenSize % V.Count);
        for (int row = 0; row < _tape.Rows; row++)
        {
            if (whole > 0)
            {
                Compute<V, FullRegister>(row, 0, whole);
            }

            if (whole < _hiddenSize)
            {
                Compute<V, MaskedTail>(row, whole, _hiddenSize);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void Compute<V, TMask>(int row, int unit, int end)
        where V : struct, ISimd<V, T>
        where TMask : struct, ILaneMask =>
        UnitLoop.Forward<V, T, TCell, TPhase, Units<V, TMask>>(in _cell, new Units<V, TMask>(in this, row, unit, end));

    /// <summary>Units of one row; <typeparamref name="TMask"/> has the lanes of a register that are used.</summary>
    private ref struct Units<V, TMask> : IForwardUnits<V>
        where V : struct, ISimd<V, T>
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
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Units(in ForwardRows<T, TCell, TPhase> rows, int row, int unit, int end)
        {
            _tape = ref rows._tape.At(row, 0);
            _previousH = ref rows._previousH.At(row, 0);
            _previousC = ref rows._previousC.At(row, 0);
            _h = ref rows._h.At(row, 0);
            _peepholes = ref rows._peepholes.Origin;
            _size = (nuint)rows._hiddenSize;
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
}
