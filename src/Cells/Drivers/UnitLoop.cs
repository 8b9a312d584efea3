using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Drivers;

/// <summary>What is done to units of a row that fill a register; its operands are the fields of the struct that implements this.</summary>
internal interface IUnits<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Computes units <paramref name="unit"/> and on of row <paramref name="row"/>, as many as the register holds.</summary>
    /// <remarks>
    /// A method of its own, not inlined: the compiler inlines only so much into one method, and the equations of an LSTM together with
    /// those of its tail are more than that; operators of both then became calls.
    /// </remarks>
    void Compute<V>(int row, int unit)
        where V : struct, ISimd<V, T>;
}

/// <summary>The loop over rows and units that the pointwise work of every cell runs in.</summary>
internal readonly ref struct UnitLoop<T, TUnits>(TUnits units, int rows, int hiddenSize) : IKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
    where TUnits : struct, IUnits<T>, allows ref struct
{
    private readonly TUnits _units = units;
    private readonly int _rows = rows;
    private readonly int _hiddenSize = hiddenSize;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T>
    {
        for (int row = 0; row < _rows; row++)
        {
            int unit = 0;
            for (; unit <= _hiddenSize - V.Count; unit += V.Count)
            {
                _units.Compute<V>(row, unit);
            }

            for (; unit < _hiddenSize; unit++)
            {
                _units.Compute<Simd1<T>>(row, unit);
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
