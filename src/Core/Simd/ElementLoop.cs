using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SpanRnn.Core.Simd;

/// <summary>Loop of elementwise kernels over a span: full registers, then the tail at width one.</summary>
/// <remarks>
/// The operands are passed by value, so that they stay in registers across the stores. Two registers a turn made sigmoid and tanh less than
/// a tenth faster: the chain of operations is longer than a processor looks ahead.
/// </remarks>
internal static class ElementLoop
{
    /// <summary>Computes all elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<V, T, TElements>(TElements elements, int length)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TElements : struct, IElements<T>, allows ref struct
    {
        nuint i = 0;
        for (; i + (nuint)V.Count <= (nuint)length; i += (nuint)V.Count)
        {
            elements.Compute<V>(i);
        }

        for (; i < (nuint)length; i++)
        {
            elements.Compute<Simd1<T>>(i);
        }
    }

    /// <summary>Computes all elements and adds up what they return.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Sum<V, T, TElements>(TElements elements, int length)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TElements : struct, IElements<T>, allows ref struct
    {
        V sums = V.Broadcast(T.Zero);
        nuint i = 0;
        for (; i + (nuint)V.Count <= (nuint)length; i += (nuint)V.Count)
        {
            sums += elements.Compute<V>(i);
        }

        T sum = V.Sum(sums);
        for (; i < (nuint)length; i++)
        {
            sum += Simd1<T>.Sum(elements.Compute<Simd1<T>>(i));
        }

        return sum;
    }

    /// <summary>Largest number of a span that is not empty. If the span has a NaN, the result may be any number or NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Maximum<V, T>(ReadOnlySpan<T> x)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ref T first = ref MemoryMarshal.GetReference(x);
        T maximum = first;
        nuint i = 0;
        if (x.Length >= V.Count)
        {
            V lanes = V.Load(in first, 0);
            for (i = (nuint)V.Count; i + (nuint)V.Count <= (nuint)x.Length; i += (nuint)V.Count)
            {
                lanes = V.Max(V.Load(in first, i), lanes);
            }

            V stored = lanes;
            for (int lane = 0; lane < V.Count; lane++)
            {
                T value = Unsafe.Add(ref Unsafe.As<V, T>(ref stored), lane);
                maximum = value > maximum ? value : maximum;
            }
        }

        for (; i < (nuint)x.Length; i++)
        {
            T value = Unsafe.Add(ref first, i);
            maximum = value > maximum ? value : maximum;
        }

        return maximum;
    }
}
