using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core;

/// <summary>
/// q ← x / scale to the nearest whole number, scale = the largest magnitude / 127; zeros fill q up to a multiple of four. A vector of
/// numbers below 10⁻³⁰ is zero; one that holds NaN or infinity has the scale NaN, which makes every sum NaN.
/// </summary>
internal readonly ref struct QuantiseKernel : IKernel<float>
{
    // Adding 1.5·2²³ rounds to a whole number, which then stands in the low bits.
    private const float Shifter = 12582912;

    private readonly ReadOnlySpan<float> _x;
    private readonly Span<sbyte> _q;
    private readonly ref float _scale;

    public QuantiseKernel(ReadOnlySpan<float> x, Span<sbyte> q, ref float scale)
    {
        _x = x;
        _q = q;
        _scale = ref scale;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public void Run<V>()
        where V : struct, ISimd<V, float>
    {
        ref float x = ref MemoryMarshal.GetReference(_x);
        ref sbyte q = ref MemoryMarshal.GetReference(_q);
        nuint length = (nuint)_x.Length;
        nuint whole = length - (length % (nuint)V.Count);

        // A NaN or an infinity minus itself is NaN, and NaN once in a sum stays there.
        V largest = V.Constant(0), strange = largest;
        nuint i = 0;
        for (; i < whole; i += (nuint)V.Count)
        {
            V value = V.Load(in x, i);
            largest = V.Max(V.Abs(value), largest);
            strange += value - value;
        }

        float magnitude = 0, sum = V.Sum(strange);
        for (int lane = 0; lane < V.Count; lane++)
        {
            magnitude = Math.Max(magnitude, Unsafe.Add(ref Unsafe.As<V, float>(ref largest), lane));
        }

        for (; i < length; i++)
        {
            float value = Unsafe.Add(ref x, i);
            magnitude = Math.Max(magnitude, Math.Abs(value));
            sum += value - value;
        }

        if (!(magnitude >= 1e-30f) || float.IsNaN(sum))
        {
            _q.Clear();
            _scale = float.IsNaN(sum) ? float.NaN : 0;
            return;
        }

        _scale = magnitude / Int8Weights.Largest;
        float inverse = Int8Weights.Largest / magnitude;
        V factor = V.Broadcast(inverse), shifter = V.Broadcast(Shifter);
        for (i = 0; i < whole; i += (nuint)V.Count)
        {
            V shifted = (V.Load(in x, i) * factor) + shifter;
            for (int lane = 0; lane < V.Count; lane++)
            {
                Unsafe.Add(ref q, i + (nuint)lane) = (sbyte)Unsafe.Add(ref Unsafe.As<V, int>(ref shifted), lane);
            }
        }

        for (; i < length; i++)
        {
            Unsafe.Add(ref q, i) = (sbyte)BitConverter.SingleToInt32Bits((Unsafe.Add(ref x, i) * inverse) + Shifter);
        }

        _q[_x.Length..].Clear();
    }
}
