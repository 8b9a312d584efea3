using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Cells.Equations;
using SpanRnn.Core.Matrices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>
/// One phase of a backward step over rows: from the gates on <c>tape</c> to gradients of pre-activations in <c>gradients</c>. <c>dh</c> and
/// <c>dc</c> enter as gradients of the new states and leave as gradients of the old states, without the part that goes through U. Only a
/// first phase reads <c>dGated</c>, the gradient of the gated state.
/// </summary>
internal readonly ref struct BackwardRows<T, TCell, TPhase>(
    TCell cell,
    MatrixView<T> tape,
    MatrixView<T> gradients,
    MatrixView<T> previousH,
    MatrixView<T> previousC,
    MatrixView<T> dh,
    MatrixView<T> dc,
    MatrixView<T> dGated,
    MatrixView<T> peepholes,
    int hiddenSize) : IKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TCell : struct, ICell
    where TPhase : struct
{
    private readonly TCell _cell = cell;
    private readonly MatrixView<T> _tape = tape;
    private readonly MatrixView<T> _gradients = gradients;
    private readonly MatrixView<T> _previousH = previousH;
    private readonly MatrixView<T> _previousC = previousC;
    private readonly MatrixView<T> _dh = dh;
    private readonly MatrixView<T> _dc = dc;
    private readonly MatrixView<T> _dGated = dGated;
    private readonly MatrixView<T> _peepholes = peepholes;
    private readonly int _hiddenSize = hiddenSize;

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
        UnitLoop.Backward<V, T, TCell, TPhase, Units<V, TMask>>(in _cell, new Units<V, TMask>(in this, row, unit, end));

    /// <summary>Units of one row; <typeparamref name="TMask"/> has the lanes of a register that are used.</summary>
    private ref struct Units<V, TMask> : IBackwardUnits<V>
        where V : struct, ISimd<V, T>
        where TMask : struct, ILaneMask
    {
        private readonly ref T _tape;
        private readonly ref T _gradients;
        private readonly ref T _previousH;
        private readonly ref T _previousC;
        private readonly ref T _dh;
        private readonly ref T _dc;
        private readonly ref T _dGated;
        private readonly ref T _peepholes;
        private readonly nuint _size;
        private readonly nuint _end;
        private nuint _unit;

        /// <summary>Units <paramref name="unit"/> to <paramref name="end"/> − 1, at least one, of a row.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Units(in BackwardRows<T, TCell, TPhase> rows, int row, int unit, int end)
        {
            _tape = ref rows._tape.At(row, 0);
            _gradients = ref rows._gradients.At(row, 0);
            _previousH = ref rows._previousH.At(row, 0);
            _previousC = ref rows._previousC.At(row, 0);
            _dh = ref rows._dh.At(row, 0);
            _dc = ref rows._dc.At(row, 0);
            _dGated = ref rows._dGated.At(row, 0);
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
        public readonly V Kept(int gate) => LoadBlock(gate);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void StoreGradient(int gate, V da) => Store(da, ref _gradients, _unit + ((nuint)gate * _size));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly V Gradient(int gate) => Load(in _gradients, _unit + ((nuint)gate * _size));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly V CandidateProduct() => LoadBlock(CellShape<TCell>.CandidateBlock);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void StoreCandidateGradient(V du) => StoreGradient(CellShape<TCell>.CandidateBlock, du);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly V GatedGradient() => Load(in _dGated, _unit);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly V PreviousH() => Load(in _previousH, _unit);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly V Dh() => Load(in _dh, _unit);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void StoreDh(V dh) => Store(dh, ref _dh, _unit);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly V PreviousC() => Load(in _previousC, _unit);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly V C() => LoadBlock(CellShape<TCell>.CellStateBlock);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly V Dc() => Load(in _dc, _unit);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void StoreDc(V dc) => Store(dc, ref _dc, _unit);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly V Peephole(int row) => Load(in _peepholes, _unit + ((nuint)row * _size));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly V LoadBlock(int block) => Load(in _tape, _unit + ((nuint)block * _size));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly V Load(ref readonly T row, nuint index) => TMask.Load<V, T>(in row, index, (int)(_end - _unit));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void Store(V value, ref T row, nuint index) =>
            TMask.Store(Denormals.Flush<V, T>(value), ref row, index, (int)(_end - _unit));
    }
}
