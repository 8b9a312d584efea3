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

    // Several groups at a time use up a line of A while it is there; all at once would write to places that shut each other out of the
    // cache.
    private const int Together = 8;

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, T>
    {
        int group = LeftBlock<T>.Group;

        // Whole registers, of which the last may reach over the group: what it writes there is overwritten by the next column, or is the
        // gap behind the group.
        int taken = (group + V.Count - 1) / V.Count * V.Count;
        nint stride = LeftBlock<T>.GroupLength(_a.Columns);
        for (int i = 0; i < _a.Rows; i += Together * group)
        {
            ref T source = ref _a.At(i, 0);
            ref T target = ref Unsafe.Add(ref MemoryMarshal.GetReference(_memory), i / group * stride);
            int end = Math.Min(Together * group, _a.Rows - i);
            for (int column = 0; column < _a.Columns; column++)
            {
                ref T from = ref source;
                ref T to = ref target;
                int left = end;
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

                source = ref Unsafe.Add(ref source, _a.ColumnStride);
                target = ref Unsafe.Add(ref target, group);
            }
        }
    }
}
