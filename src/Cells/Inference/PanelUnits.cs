using System.Runtime.CompilerServices;
using SpanRnn.Cells.Equations;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Inference;

/// <summary>A cell's equations over the blocks of one group, behind the products that made its pre-activations.</summary>
internal static class PanelUnits<TCell>
    where TCell : struct, ICell
{
    /// <summary>Pre-activations and old states to new ones; <paramref name="h"/> may be <paramref name="previousH"/>.</summary>
    /// <remarks>The peepholes are there for cells that are chosen at run time, <paramref name="layer"/> being that of the blocks.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<V>(
        ref readonly float pre,
        ref readonly float previousH,
        ref float c,
        ref float h,
        int blocks,
        LayerSpec layer,
        ref readonly float peepholes)
        where V : struct, ISimd<V, float>
    {
        // c of all blocks, then h of all: blocks do not wait for each other, and one block's tanh(c) waits long for its c.
        if (TCell.HasCellState)
        {
            CellStates<V>(in pre, ref c, blocks, layer, in peepholes);
            Outputs<V>(in pre, in c, ref h, blocks, layer, in peepholes);
        }
        else
        {
            States<V>(in pre, in previousH, ref h, blocks, layer);
        }
    }

    /// <summary>The gated state r ⊙ h of a cell that has one.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Reset<V>(ref readonly float pre, ref readonly float h, ref float gated, int blocks, LayerSpec layer)
        where V : struct, ISimd<V, float>
    {
        for (int block = 0; block < blocks; block++)
        {
            nuint i = (nuint)(block * V.Count);
            V g0 = Gate<V>(in pre, 0, block);
            CellOperand<V> chosen;
            scoped ref readonly CellOperand<V> operand = ref Unsafe.NullRef<CellOperand<V>>();
            if (TCell.KeepsPreActivations)
            {
                chosen = Operand(layer, in Unsafe.NullRef<float>()).At<V, FullRegister>(i, V.Count);
                operand = ref chosen;
            }

            V.Store(Denormals.Flush<V, float>(TCell.Reset<V, float>(ref g0, V.Load(in h, i), in operand)), ref gated, i);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void CellStates<V>(
        ref readonly float pre, ref float c, int blocks, LayerSpec layer, ref readonly float peepholes)
        where V : struct, ISimd<V, float>
    {
        for (int block = 0; block < blocks; block++)
        {
            nuint i = (nuint)(block * V.Count);
            V g0 = Gate<V>(in pre, 0, block);
            V g1 = Gate<V>(in pre, 1, block);
            V g2 = Gate<V>(in pre, 2, block);
            V newC = V.Load(in c, i);
            CellOperand<V> chosen;
            scoped ref readonly CellOperand<V> operand = ref Unsafe.NullRef<CellOperand<V>>();
            if (TCell.KeepsPreActivations)
            {
                chosen = Operand(layer, in peepholes).At<V, FullRegister>(i, V.Count);
                operand = ref chosen;
            }

            TCell.CellState<V, float>(ref g0, ref g1, ref g2, ref newC, in operand);
            V.Store(Denormals.Flush<V, float>(newC), ref c, i);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Outputs<V>(
        ref readonly float pre, ref readonly float c, ref float h, int blocks, LayerSpec layer, ref readonly float peepholes)
        where V : struct, ISimd<V, float>
    {
        for (int block = 0; block < blocks; block++)
        {
            nuint i = (nuint)(block * V.Count);
            V last = Gate<V>(in pre, TCell.Gates - 1, block);
            V newH = default;
            CellOperand<V> chosen;
            scoped ref readonly CellOperand<V> operand = ref Unsafe.NullRef<CellOperand<V>>();
            if (TCell.KeepsPreActivations)
            {
                chosen = Operand(layer, in peepholes).At<V, FullRegister>(i, V.Count);
                operand = ref chosen;
            }

            TCell.Output<V, float>(ref last, V.Load(in c, i), ref newH, in operand);
            V.Store(Denormals.Flush<V, float>(newH), ref h, i);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void States<V>(
        ref readonly float pre, ref readonly float previousH, ref float h, int blocks, LayerSpec layer)
        where V : struct, ISimd<V, float>
    {
        for (int block = 0; block < blocks; block++)
        {
            nuint i = (nuint)(block * V.Count);
            V g0 = Gate<V>(in pre, 0, block);
            V g1 = TCell.Gates > 1 ? Gate<V>(in pre, 1, block) : default;
            V g2 = TCell.Gates > 2 ? Gate<V>(in pre, 2, block) : default;
            V u = TCell.Recurrence == Recurrence.Apart ? Gate<V>(in pre, TCell.Gates, block) : default;
            V newH = TCell.Recurrence == Recurrence.Together ? default : Denormals.Flush<V, float>(V.Load(in previousH, i));
            CellOperand<V> chosen;
            scoped ref readonly CellOperand<V> operand = ref Unsafe.NullRef<CellOperand<V>>();
            if (TCell.KeepsPreActivations)
            {
                chosen = Operand(layer, in Unsafe.NullRef<float>()).At<V, FullRegister>(i, V.Count);
                operand = ref chosen;
            }

            TCell.Forward<V, float>(ref g0, ref g1, ref g2, u, ref newH, in operand);
            V.Store(Denormals.Flush<V, float>(newH), ref h, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Gate<V>(ref readonly float pre, int gate, int block)
        where V : struct, ISimd<V, float> => V.Load(in pre, (nuint)(PanelShape<TCell>.Register(gate, block) * V.Count));

    // Rows of packed peepholes have room for whole registers behind their numbers, as states have.
    private static LayerOperand<float> Operand(LayerSpec layer, ref readonly float peepholes) =>
        new(layer, in peepholes, PackedLayer.Padded(layer.HiddenSize));
}
