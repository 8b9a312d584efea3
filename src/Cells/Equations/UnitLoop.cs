using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Equations;

/// <summary>The loops over the units of a row, for every cell, engine, width and precision.</summary>
/// <remarks>
/// They are inlined into a method that makes the units of a row and is not inlined itself: the units then are in registers. The compiler
/// inlines only so much into one method, and the equations of an LSTM for full registers together with its equations for the masked tail
/// are more than that.
/// </remarks>
internal static class UnitLoop
{
    /// <summary>One phase of a forward step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<V, T, TCell, TPhase, TUnits>(in TCell cell, TUnits units)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TCell : struct, ICell
        where TPhase : struct
        where TUnits : struct, IForwardUnits<V>, allows ref struct
    {
        do
        {
            cell.Forward<V, T, TPhase, TUnits>(ref units);
        }
        while (units.Next());
    }

    /// <summary>One phase of a backward step.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Backward<V, T, TCell, TPhase, TUnits>(in TCell cell, TUnits units)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TCell : struct, ICell
        where TPhase : struct
        where TUnits : struct, IBackwardUnits<V>, allows ref struct
    {
        do
        {
            cell.Backward<V, T, TPhase, TUnits>(ref units);
        }
        while (units.Next());
    }
}
