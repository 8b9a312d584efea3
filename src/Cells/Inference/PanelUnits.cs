using System.Runtime.CompilerServices;
using SpanRnn.Cells.Drivers;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Inference;

/// <summary>A cell's equations over the blocks of one group, behind the products that made its pre-activations.</summary>
internal static class PanelUnits<TCell>
    where TCell : struct, ICell
{
    /// <summary>Pre-activations and old states to new ones; <paramref name="h"/> may be <paramref name="previousH"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<V>(ref readonly float pre, ref readonly float previousH, ref float c, ref float h, int blocks)
        where V : struct, ISimd<V, float>
    {
        // c of all blocks, then h of all: blocks do not wait for each other, and one block's tanh(c) waits long for its c.
        if (TCell.HasCellState)
        {
            CellStates<V>(in pre, ref c, blocks);
            Outputs<V>(in pre, in c, ref h, blocks);
        }
        else
        {
            States<V>(in pre, in previousH, ref h, blocks);
        }
    }

    /// <summary>The gated state r ⊙ h of a cell that has one.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Reset<V>(ref readonly float pre, ref readonly float h, ref float gated, int blocks)
        where V : struct, ISimd<V, float>
    {
        for (int block = 0; block < blocks; block++)
        {
            nuint i = (nuint)(block * V.Count);
            V g0 = Gate<V>(in pre, 0, block);
            V.Store(Denormals.Flush<V, float>(TCell.Reset<V, float>(ref g0, V.Load(in h, i))), ref gated, i);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void CellStates<V>(ref readonly float pre, ref float c, int blocks)
        where V : struct, ISimd<V, float>
    {
        for (int block = 0; block < blocks; block++)
        {
            nuint i = (nuint)(block * V.Count);
            V g0 = Gate<V>(in pre, 0, block);
            V g1 = Gate<V>(in pre, 1, block);
            V g2 = Gate<V>(in pre, 2, block);
            V newC = V.Load(in c, i);
            TCell.CellState<V, float>(ref g0, ref g1, ref g2, ref newC);
            V.Store(Denormals.Flush<V, float>(newC), ref c, i);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Outputs<V>(ref readonly float pre, ref readonly float c, ref float h, int blocks)
        where V : struct, ISimd<V, float>
    {
        for (int block = 0; block < blocks; block++)
        {
            nuint i = (nuint)(block * V.Count);
            V g3 = Gate<V>(in pre, 3, block);
            V newH = default;
            TCell.Output<V, float>(ref g3, V.Load(in c, i), ref newH);
            V.Store(Denormals.Flush<V, float>(newH), ref h, i);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void States<V>(ref readonly float pre, ref readonly float previousH, ref float h, int blocks)
        where V : struct, ISimd<V, float>
    {
        for (int block = 0; block < blocks; block++)
        {
            nuint i = (nuint)(block * V.Count);
            V g0 = Gate<V>(in pre, 0, block);
            V g1 = TCell.Gates > 1 ? Gate<V>(in pre, 1, block) : default;
            V g2 = TCell.Gates > 2 ? Gate<V>(in pre, 2, block) : default;
            V g3 = default, c = default;
            V u = TCell.Recurrence == Recurrence.Apart ? Gate<V>(in pre, TCell.Gates, block) : default;
            V newH = TCell.Recurrence == Recurrence.Together ? default : Denormals.Flush<V, float>(V.Load(in previousH, i));
            TCell.Forward<V, float>(ref g0, ref g1, ref g2, ref g3, u, ref newH, ref c);
            V.Store(Denormals.Flush<V, float>(newH), ref h, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Gate<V>(ref readonly float pre, int gate, int block)
        where V : struct, ISimd<V, float> => V.Load(in pre, (nuint)(PanelShape<TCell>.Register(gate, block) * V.Count));
}
