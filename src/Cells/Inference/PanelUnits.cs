using System.Runtime.CompilerServices;
using SpanRnn.Cells.Equations;
using SpanRnn.Core.Simd;

namespace SpanRnn.Cells.Inference;

/// <summary>A cell's equations over the blocks of one group, right after the products behind its pre-activations.</summary>
internal static class PanelUnits<TCell>
    where TCell : struct, ICell
{
    /// <summary>Computes new states from pre-activations and old ones; <paramref name="h"/> may be <paramref name="previousH"/>.</summary>
    /// <remarks>
    /// Only cells of layers that are not standard read <paramref name="layer"/>, the description, and <paramref name="peepholes"/>, which
    /// starts at the first block.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Forward<V>(
        ref readonly float preActivations,
        ref readonly float previousH,
        ref float c,
        ref float h,
        int blocks,
        LayerSpec layer,
        ref readonly float peepholes)
        where V : struct, ISimd<V, float>
    {
        // c of all blocks, then h of all blocks. Blocks do not wait for each other, but the tanh(c) of a block waits long for its c.
        if (TCell.HasCellState)
        {
            CellStates<V>(in preActivations, ref c, blocks, layer, in peepholes);
            Outputs<V>(in preActivations, in c, ref h, blocks, layer, in peepholes);
        }
        else
        {
            States<V>(in preActivations, in previousH, ref h, blocks, layer);
        }
    }

    /// <summary>gated ← r ⊙ h, for a cell with a gated state.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Reset<V>(ref readonly float preActivations, ref readonly float h, ref float gated, int blocks, LayerSpec layer)
        where V : struct, ISimd<V, float>
    {
        for (int block = 0; block < blocks; block++)
        {
            nuint i = (nuint)(block * V.Count);
            V g0 = Gate<V>(in preActivations, 0, block);
            CellOperand<V> layerOperand;
            scoped ref readonly CellOperand<V> operand = ref Unsafe.NullRef<CellOperand<V>>();
            if (TCell.KeepsPreActivations)
            {
                layerOperand = Operand(layer, in Unsafe.NullRef<float>()).At<V, FullRegister>(i, V.Count);
                operand = ref layerOperand;
            }

            V.Store(Denormals.Flush<V, float>(TCell.Reset<V, float>(ref g0, V.Load(in h, i), in operand)), ref gated, i);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void CellStates<V>(
        ref readonly float preActivations, ref float c, int blocks, LayerSpec layer, ref readonly float peepholes)
        where V : struct, ISimd<V, float>
    {
        for (int block = 0; block < blocks; block++)
        {
            nuint i = (nuint)(block * V.Count);
            V g0 = Gate<V>(in preActivations, 0, block);
            V g1 = Gate<V>(in preActivations, 1, block);
            V g2 = Gate<V>(in preActivations, 2, block);
            V newC = V.Load(in c, i);
            CellOperand<V> layerOperand;
            scoped ref readonly CellOperand<V> operand = ref Unsafe.NullRef<CellOperand<V>>();
            if (TCell.KeepsPreActivations)
            {
                layerOperand = Operand(layer, in peepholes).At<V, FullRegister>(i, V.Count);
                operand = ref layerOperand;
            }

            TCell.CellState<V, float>(ref g0, ref g1, ref g2, ref newC, in operand);
            V.Store(Denormals.Flush<V, float>(newC), ref c, i);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Outputs<V>(
        ref readonly float preActivations, ref readonly float c, ref float h, int blocks, LayerSpec layer, ref readonly float peepholes)
        where V : struct, ISimd<V, float>
    {
        for (int block = 0; block < blocks; block++)
        {
            nuint i = (nuint)(block * V.Count);
            V last = Gate<V>(in preActivations, TCell.Gates - 1, block);
            V newH = default;
            CellOperand<V> layerOperand;
            scoped ref readonly CellOperand<V> operand = ref Unsafe.NullRef<CellOperand<V>>();
            if (TCell.KeepsPreActivations)
            {
                layerOperand = Operand(layer, in peepholes).At<V, FullRegister>(i, V.Count);
                operand = ref layerOperand;
            }

            TCell.Output<V, float>(ref last, V.Load(in c, i), ref newH, in operand);
            V.Store(Denormals.Flush<V, float>(newH), ref h, i);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void States<V>(
        ref readonly float preActivations, ref readonly float previousH, ref float h, int blocks, LayerSpec layer)
        where V : struct, ISimd<V, float>
    {
        for (int block = 0; block < blocks; block++)
        {
            nuint i = (nuint)(block * V.Count);
            V g0 = Gate<V>(in preActivations, 0, block);
            V g1 = TCell.Gates > 1 ? Gate<V>(in preActivations, 1, block) : default;
            V g2 = TCell.Gates > 2 ? Gate<V>(in preActivations, 2, block) : default;
            V u = TCell.Recurrence == Recurrence.Apart ? Gate<V>(in preActivations, TCell.Gates, block) : default;
            V newH = TCell.Recurrence == Recurrence.Together ? default : Denormals.Flush<V, float>(V.Load(in previousH, i));
            CellOperand<V> layerOperand;
            scoped ref readonly CellOperand<V> operand = ref Unsafe.NullRef<CellOperand<V>>();
            if (TCell.KeepsPreActivations)
            {
                layerOperand = Operand(layer, in Unsafe.NullRef<float>()).At<V, FullRegister>(i, V.Count);
                operand = ref layerOperand;
            }

            TCell.Forward<V, float>(ref g0, ref g1, ref g2, u, ref newH, in operand);
            V.Store(Denormals.Flush<V, float>(newH), ref h, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Gate<V>(ref readonly float preActivations, int gate, int block)
        where V : struct, ISimd<V, float> => V.Load(in preActivations, (nuint)(PanelShape<TCell>.Register(gate, block) * V.Count));

    // Rows of packed peepholes are padded to full registers, as states are.
    private static LayerOperand<float> Operand(LayerSpec layer, ref readonly float peepholes) =>
        new(layer, in peepholes, PackedLayer.Padded(layer.HiddenSize));
}
