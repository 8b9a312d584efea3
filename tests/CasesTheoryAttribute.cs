using System.Runtime.CompilerServices;

namespace SpanRnn.Tests;

/// <summary>A theory that is skipped without the reference cases. Logs leave reasons out, so its name says why.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CasesTheoryAttribute : TheoryAttribute
{
    public CasesTheoryAttribute([CallerMemberName] string name = "")
    {
        if (Cases.Folder is null)
        {
            Skip = Cases.Missing;
            DisplayName = $"{name} {Cases.Missing}";
        }
    }
}
