using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core;

/// <summary>Copies a transposed matrix into a <see cref="LeftBlock{T}"/>.</summary>
internal readonly ref struct PackLeftKernel<T>(MatrixView<T> a, Span<T> memory) : IKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Group = LeftBlock<T>.Group;

    private readonly MatrixView<T> _a = a;
    private readonly Span<T> _memory = memory;

    // Group by group: that every line of A is fetched for two groups costs less than to write to all groups at once.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T>
    {
        // Whole registers, of which the last may reach over the group: what it writes there is overwritten by the next column, or is the
        // gap behind the group.
        int taken = (Group + V.Count - 1) / V.Count * V.Count;
        for (int i = 0; i < _a.Rows; i += Group)
        {
            ref T from = ref _a.At(i, 0);
            ref T to = ref Unsafe.Add(ref MemoryMarshal.GetReference(_memory), i / Group * LeftBlock<T>.GroupLength(_a.Columns));
            int rows = Math.Min(Group, _a.Rows - i);
            bool whole = _a.Rows - i >= taken;
            for (int column = 0; column < _a.Columns; column++)
            {
                int row = 0;
                if (whole)
                {
                    for (; row < Group; row += V.Count)
                    {
                        V.Store(V.Load(in from, (nuint)row), ref to, (nuint)row);
                    }
                }

                for (; row < rows; row++)
                {
                    Unsafe.Add(ref to, row) = Unsafe.Add(ref from, row);
                }

                from = ref Unsafe.Add(ref from, _a.ColumnStride);
                to = ref Unsafe.Add(ref to, Group);
            }
        }
    }
}
