using System.Numerics;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>What is done to units of a row; its operands are the fields of the struct that implements this.</summary>
internal interface IUnits<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Computes units <paramref name="unit"/> to <paramref name="end"/> − 1 of a row, one register after the other.</summary>
    /// <remarks>
    /// A method of its own, not inlined: the compiler inlines only so much into one method, and the equations of an LSTM for whole
    /// registers together with those for the last, partly filled one are more than that.
    /// </remarks>
    void Compute<V, TMask>(int row, int unit, int end)
        where V : struct, ISimd<V, T>
        where TMask : struct, ILaneMask;
}
