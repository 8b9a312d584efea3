using System.Runtime.CompilerServices;

namespace SpanRnn.Tests;

/// <summary>A fact that is skipped without the reference cases. Logs leave reasons out, so its name says why.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CasesFactAttribute : FactAttribute
{
    public CasesFactAttribute([CallerMemberName] string name = "")
    {
        if (Cases.Folder is null)
        {
            Skip = Cases.Missing;
            DisplayName = $"{name} {Cases.Missing}";
        }
    }
}
