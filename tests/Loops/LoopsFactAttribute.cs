using System.Runtime.CompilerServices;

namespace SpanRnn.Tests;

/// <summary>A fact about loops of one width, skipped if they cannot be read. Logs leave reasons out, so its name says why.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LoopsFactAttribute : FactAttribute
{
    public LoopsFactAttribute(string width, [CallerMemberName] string name = "")
    {
        if (CompiledLoops.Missing(width) is string reason)
        {
            Skip = $"skipped: loops at width {width} are unchecked, {reason}";
            DisplayName = $"{name} {Skip}";
        }
    }
}
