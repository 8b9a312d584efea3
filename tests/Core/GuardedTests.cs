using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SpanRnn.Tests;

public class GuardedTests
{
    [Theory]
    [InlineData(-1)]
    [InlineData(5)]
    public void A_write_beyond_is_found(int index)
    {
        var output = Guarded<float>.Output(new float[5], 3);
        output.AssertIntact();
        Unsafe.Add(ref MemoryMarshal.GetReference(output.Span), index) = 0;

        Assert.ThrowsAny<Exception>(output.AssertIntact);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(5)]
    public void What_is_read_beyond_an_input_is_NaN(int index)
    {
        var input = Guarded<double>.Input([1, 2, 3, 4, 5], 1);

        Assert.Equal(15.0, Sum<double>(input.Span));
        Assert.True(double.IsNaN(Unsafe.Add(ref MemoryMarshal.GetReference(input.Span), index)));
    }

    private static T Sum<T>(ReadOnlySpan<T> values)
        where T : INumber<T>
    {
        T sum = T.Zero;
        foreach (T value in values)
        {
            sum += value;
        }

        return sum;
    }
}
