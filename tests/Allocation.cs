using System.Runtime.CompilerServices;

namespace SpanRnn.Tests;

/// <summary>Managed bytes that a call allocates on this thread.</summary>
/// <remarks>A span cannot be captured: let the action capture the array and make the span inside.</remarks>
internal static class Allocation
{
    /// <summary>The bytes of one call after warm-up, when everything lazily made is there.</summary>
    public static long Of(Action action)
    {
        for (int i = 0; i < 5; i++)
        {
            action();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>Fails, naming the call and the bytes, if it allocates.</summary>
    public static void AssertNone(Action action, [CallerArgumentExpression(nameof(action))] string call = "")
    {
        long bytes = Of(action);
        Assert.True(bytes == 0, $"{call} allocated {bytes} bytes, expected 0.");
    }
}
