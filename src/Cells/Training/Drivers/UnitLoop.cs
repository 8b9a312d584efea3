using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>The loop over rows for the pointwise work of every cell.</summary>
internal readonly ref struct UnitLoop<T, TUnits>(TUnits units, int rows, int hiddenSize) : IKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TUnits : struct, IUnits<T>, allows ref struct
{
    private readonly TUnits _units = units;
    private readonly int _rows = rows;
    private readonly int _hiddenSize = hiddenSize;

    // The last units of a row are a masked tail: one more register, which takes as long as a full one. One at a time, each of these units
    // took as long as a full register.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T>
    {
        int whole = _hiddenSize - (_hiddenSize % V.Count);
        for (int row = 0; row < _rows; row++)
        {
            if (whole > 0)
            {
                _units.Compute<V, FullRegister>(row, 0, whole);
            }

            if (whole < _hiddenSize)
            {
                _units.Compute<V, MaskedTail>(row, whole, _hiddenSize);
            }
        }
    }
}

/// <summary>Runs the loop with the widest registers.</summary>
internal static class UnitLoop
{
    public static void Run<T, TUnits>(TUnits units, int rows, int hiddenSize)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TUnits : struct, IUnits<T>, allows ref struct =>
        Dispatch.Run<T, UnitLoop<T, TUnits>>(new UnitLoop<T, TUnits>(units, rows, hiddenSize));
}
