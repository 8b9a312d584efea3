using System.Runtime.CompilerServices;

namespace SpanRnn.Tests;

/// <summary>Managed bytes that a call allocates on this thread.</summary>
/// <remarks>A span cannot be captured: let the action capture the array and make the span inside.</remarks>
internal static class Allocation
{
    /// <summary>Bytes of one call after a warm-up, when everything lazy has been made.</summary>
    public static long Of(Action action)
    {
        for (int i = 0; i < 5; i++)
        {
            action();
        }

        // The smallest of three. A collection that another thread's garbage starts just then is sometimes counted here (4 of 600,000
        // measurements of nothing, beside a thread that did little else); allocations of the call itself are counted always.
        long smallest = long.MaxValue;
        for (int i = 0; i < 3; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            action();
            smallest = Math.Min(smallest, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return smallest;
    }

    /// <summary>Fails, naming the call and the bytes, if it allocates.</summary>
    public static void AssertNone(Action action, [CallerArgumentExpression(nameof(action))] string call = "")
    {
        long bytes = Of(action);
        Assert.True(bytes == 0, $"{call} allocated {bytes} bytes, expected 0.");
    }
}
