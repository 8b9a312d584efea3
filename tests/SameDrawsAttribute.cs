using FsCheck.Xunit;

namespace SpanRnn.Tests;

/// <summary>The seeds of all properties of the assembly: <see cref="Properties.Replay"/>.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class SameDrawsAttribute : PropertiesAttribute
{
    public SameDrawsAttribute()
    {
        Replay = Properties.Replay;
        QuietOnSuccess = true;
    }
}
