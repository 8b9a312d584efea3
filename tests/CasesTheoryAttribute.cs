namespace SpanRnn.Tests;

/// <summary>A theory that is skipped, with a sentence that says so, where the reference cases are missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CasesTheoryAttribute : TheoryAttribute
{
    public CasesTheoryAttribute()
    {
        if (Cases.Folder is null)
        {
            Skip = Cases.Missing;
        }
    }
}
