namespace SpanRnn.Tests;

/// <summary>A fact about memory of Linux, skipped on other systems.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute()
    {
        if (!OperatingSystem.IsLinux())
        {
            Skip = "Needs the pages of Linux.";
        }
    }
}
