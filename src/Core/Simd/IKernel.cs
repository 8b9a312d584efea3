using System.Numerics;

namespace SpanRnn.Core.Simd;

/// <summary>A loop written once for all widths; its operands are the fields of the struct that implements this.</summary>
internal interface IKernel<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Runs the loop with registers of type <typeparamref name="V"/>.</summary>
    /// <remarks>
    /// Not to be inlined: what the compiler inlines into a method that it has itself chosen to inline counts against a budget, and beyond
    /// it operators become calls. In a method of its own everything here is inlined because it is told to be, which costs nothing.
    /// </remarks>
    void Run<V>()
        where V : struct, ISimd<V, T>;
}
