using System.Runtime.CompilerServices;

namespace SpanRnn.Tests;

/// <summary>A fact about programs compiled ahead of time, skipped where none can be made; its name says why, as logs do not.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class AotFactAttribute : FactAttribute
{
    public AotFactAttribute([CallerMemberName] string name = "")
    {
        if (AotHost.Missing is string reason)
        {
            Skip = $"skipped: nothing is compiled ahead of time, {reason}";
            DisplayName = $"{name} {Skip}";
        }
    }
}
