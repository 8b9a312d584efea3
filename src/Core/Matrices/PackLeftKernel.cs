using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core;

/// <summary>Copies a transposed matrix into a <see cref="LeftBlock{T}"/>.</summary>
internal readonly ref struct PackLeftKernel<T>(MatrixView<T> a, Span<T> memory) : IKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly MatrixView<T> _a = a;
    private readonly Span<T> _memory = memory;

    // As many columns as fill a line are written to a group in one go: one column after the other, each of its groups on a page of its own,
    // would need more pages at a time than a processor knows.
    private static int BlockColumns => 64 / Unsafe.SizeOf<T>();

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T>
    {
        const int Group = LeftBlock<T>.Group;

        // Whole registers, of which the last may reach over the group: what it writes there is overwritten by the next column, or is the
        // gap behind the group.
        int taken = (Group + V.Count - 1) / V.Count * V.Count;
        nint stride = LeftBlock<T>.GroupLength(_a.Columns);
        for (int first = 0; first < _a.Columns; first += BlockColumns)
        {
            int columns = Math.Min(BlockColumns, _a.Columns - first);
            ref T group = ref Unsafe.Add(ref MemoryMarshal.GetReference(_memory), first * Group);
            for (int row = 0; row < _a.Rows; row += Group)
            {
                ref T from = ref _a.At(row, first);
                ref T to = ref group;
                int rows = Math.Min(Group, _a.Rows - row);
                for (int column = 0; column < columns; column++)
                {
                    if (row + taken <= _a.Rows)
                    {
                        for (int i = 0; i < Group; i += V.Count)
                        {
                            V.Store(V.Load(in from, (nuint)i), ref to, (nuint)i);
                        }
                    }
                    else
                    {
                        for (int i = 0; i < rows; i++)
                        {
                            Unsafe.Add(ref to, i) = Unsafe.Add(ref from, i);
                        }
                    }

                    from = ref Unsafe.Add(ref from, _a.ColumnStride);
                    to = ref Unsafe.Add(ref to, Group);
                }

                group = ref Unsafe.Add(ref group, stride);
            }
        }
    }
}
