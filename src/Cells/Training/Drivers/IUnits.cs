using System.Numerics;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Training.Drivers;

/// <summary>Pointwise work on the units of a row; its operands are the fields of the struct that implements it.</summary>
internal interface IUnits<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Computes units <paramref name="unit"/> to <paramref name="end"/> − 1 of a row, one register after the other.</summary>
    /// <remarks>
    /// A method of its own, not inlined. The compiler inlines only so much into one method, and the equations of an LSTM for full
    /// registers together with its equations for the masked tail are more than that.
    /// </remarks>
    void Compute<V, TMask>(int row, int unit, int end)
        where V : struct, ISimd<V, T>
        where TMask : struct, ILaneMask;
}
