using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Drivers;

/// <summary>What is done to units of a row; its operands are the fields of the struct that implements this.</summary>
internal interface IUnits<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Computes units <paramref name="unit"/> to <paramref name="end"/> − 1 of a row, one register after the other.</summary>
    /// <remarks>
    /// A method of its own, not inlined: the compiler inlines only so much into one method, and the equations of an LSTM for whole
    /// registers together with those for the last, partly filled one are more than that.
    /// </remarks>
    void Compute<V, TExtent>(int row, int unit, int end)
        where V : struct, ISimd<V, T>
        where TExtent : struct, IExtent;
}

/// <summary>The loop over rows that the pointwise work of every cell runs in.</summary>
internal readonly ref struct UnitLoop<T, TUnits>(TUnits units, int rows, int hiddenSize) : IKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TUnits : struct, IUnits<T>, allows ref struct
{
    private readonly TUnits _units = units;
    private readonly int _rows = rows;
    private readonly int _hiddenSize = hiddenSize;

    // The units left over fill one more register in part: it takes as long as a full one, where units on their own took as long each.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T>
    {
        int whole = _hiddenSize - (_hiddenSize % V.Count);
        for (int row = 0; row < _rows; row++)
        {
            if (whole > 0)
            {
                _units.Compute<V, Whole>(row, 0, whole);
            }

            if (whole < _hiddenSize)
            {
                _units.Compute<V, Part>(row, whole, _hiddenSize);
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
        Widest.Run<T, UnitLoop<T, TUnits>>(new UnitLoop<T, TUnits>(units, rows, hiddenSize));
}
