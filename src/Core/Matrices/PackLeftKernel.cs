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

    // Column by column: what a column has for all groups lies together, and is read in one go.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T>
    {
        int group = LeftBlock<T>.Group;

        // Whole registers, of which the last may reach over the group: what it writes there is overwritten by the next column, or is the
        // gap behind the group.
        int taken = (group + V.Count - 1) / V.Count * V.Count;
        nint stride = LeftBlock<T>.GroupLength(_a.Columns);
        for (int column = 0; column < _a.Columns; column++)
        {
            ref T from = ref _a.At(0, column);
            ref T to = ref Unsafe.Add(ref MemoryMarshal.GetReference(_memory), column * group);
            int left = _a.Rows;
            for (; left >= taken; left -= group)
            {
                for (int row = 0; row < group; row += V.Count)
                {
                    V.Store(V.Load(in from, (nuint)row), ref to, (nuint)row);
                }

                from = ref Unsafe.Add(ref from, group);
                to = ref Unsafe.Add(ref to, stride);
            }

            for (; left > 0; left -= group)
            {
                for (int row = 0; row < Math.Min(group, left); row++)
                {
                    Unsafe.Add(ref to, row) = Unsafe.Add(ref from, row);
                }

                from = ref Unsafe.Add(ref from, group);
                to = ref Unsafe.Add(ref to, stride);
            }
        }
    }
}
