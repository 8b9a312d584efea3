using System.Numerics;

namespace SpanRnn.Core.Simd;

/// <summary>Loop that is written once for all widths; its operands are the fields of the struct that implements this.</summary>
internal interface IKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Runs the loop with registers of type <typeparamref name="V"/>.</summary>
    /// <remarks>
    /// An implementation with a loop is not inlined. Where the compiler itself chooses to inline a method, everything that it inlines into
    /// that method counts against a budget, beyond which operators become calls. In a method of its own, everything is inlined because the
    /// compiler is told to, which costs nothing.
    /// </remarks>
    void Run<V>()
        where V : struct, ISimd<V, T>;
}
