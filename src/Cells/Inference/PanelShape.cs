using System.Runtime.CompilerServices;
using SpanRnn.Cells.Equations;

namespace SpanRnn.Cells.Inference;

/// <summary>
/// Order of the pre-activations of a group of units, up to eight registers. A block is the units of one register; the gates of a block
/// are side by side.
/// </summary>
/// <remarks>
/// <para>Together (LSTM): i0 f0 g0 o0 i1 f1 g1 o1; with coupled gates i0 g0 o0 i1 g1 o1; Elman: a0 … a7. Both products add to all
/// registers.</para>
/// <para>Apart (GRU): n0 n1 r0 z0 r1 z1 u0 u1. W·x adds to all but the last two, U·h to all but the first two; u is U·h of the candidate
/// n.</para>
/// <para>Gated (GRU): r0 z0 r1 z1 n0 n1. W·x adds to all, U·h to all but the last two, U·(r ⊙ h) to the last two.</para>
/// <para>A cell with another number of gates has the same order with more or fewer gates between.</para>
/// </remarks>
internal static class PanelShape<TCell>
    where TCell : struct, ICell
{
    /// <summary>Blocks of units in a group; the last may have fewer.</summary>
    public static int Blocks
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TCell.Recurrence == Recurrence.Together ? 8 / TCell.Gates : 2;
    }

    /// <summary>Registers of pre-activations of a group.</summary>
    public static int Registers
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Blocks * CellShape<TCell>.GradientBlocks;
    }

    /// <summary>Registers that W·x adds to, from the first one on.</summary>
    public static int InputRegisters => Blocks * TCell.Gates;

    /// <summary>The first register that U·h adds to.</summary>
    public static int FirstRecurrent
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TCell.Recurrence == Recurrence.Apart ? Blocks : 0;
    }

    /// <summary>Number of registers that U·h adds to.</summary>
    public static int RecurrentRegisters => TCell.Recurrence == Recurrence.Gated ? FirstCandidate : Registers - FirstRecurrent;

    /// <summary>The first of the two registers that U·(r ⊙ h) adds to, if there is such a product.</summary>
    public static int FirstCandidate
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Blocks * (TCell.Gates - 1);
    }

    /// <summary>The register of a gate of a block. The gate after the last one is u, the candidate's U·h, if it is apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Register(int gate, int block)
    {
        int plain = CellShape<TCell>.PlainGates;
        if (gate < plain)
        {
            return FirstRecurrent + (block * plain) + gate;
        }

        return (TCell.Recurrence == Recurrence.Apart && gate == plain ? 0 : Blocks * gate) + block;
    }

    /// <summary>
    /// The row of W, [G·H, …], that each lane sums, for registers <paramref name="first"/> to <paramref name="first"/> +
    /// <paramref name="count"/> − 1 of all groups; −1 for a lane without a unit.
    /// </summary>
    public static int[] Rows(int hiddenSize, int lanes, int first, int count)
    {
        int blocks = (hiddenSize + lanes - 1) / lanes;
        int groups = (blocks + Blocks - 1) / Blocks;
        int lastBlocks = blocks - ((groups - 1) * Blocks);

        // Only if the products are together can the last group have fewer registers.
        int lastCount = TCell.Recurrence == Recurrence.Together ? ((lastBlocks * TCell.Gates) + 1) / 2 * 2 : count;
        int[] rows = new int[checked((((groups - 1) * count) + lastCount) * lanes)];
        rows.AsSpan().Fill(-1);
        for (int unit = 0; unit < hiddenSize; unit++)
        {
            (int block, int lane) = Math.DivRem(unit, lanes);
            (int group, int inside) = Math.DivRem(block, Blocks);
            for (int gate = 0; gate < CellShape<TCell>.GradientBlocks; gate++)
            {
                int register = Register(gate, inside) - first;
                if (register >= 0 && register < count)
                {
                    rows[(((group * count) + register) * lanes) + lane] = (Math.Min(gate, TCell.Gates - 1) * hiddenSize) + unit;
                }
            }
        }

        return rows;
    }
}
