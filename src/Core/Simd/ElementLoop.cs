using System.Numerics;
using System.Runtime.CompilerServices;

namespace SpanRnn.Core.Simd;

/// <summary>What is done to the elements that fill a register; its operands are the fields of the struct that implements this.</summary>
internal interface IElements<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Computes element <paramref name="i"/> and on, as many as the register holds.</summary>
    /// <returns>What a sum over all elements adds up; nothing is done with it otherwise.</returns>
    V Compute<V>(nuint i)
        where V : struct, ISimd<V, T>;
}

/// <summary>The loop over a span that elementwise kernels run in: whole registers, then the tail at width one.</summary>
internal static class ElementLoop
{
    /// <summary>Computes all elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<V, T, TElements>(in TElements elements, int length)
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
    public static T Sum<V, T, TElements>(in TElements elements, int length)
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
}
