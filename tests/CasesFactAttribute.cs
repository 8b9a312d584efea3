namespace SpanRnn.Tests;

/// <summary>A fact that is skipped, with a sentence that says so, where the reference cases are missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CasesFactAttribute : FactAttribute
{
    public CasesFactAttribute()
    {
        if (Cases.Folder is null)
        {
            Skip = Cases.Missing;
        }
    }
}
