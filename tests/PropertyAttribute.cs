namespace SpanRnn.Tests;

/// <summary>FsCheck's property, with as many draws as <see cref="Properties.Count"/> makes of its <see cref="MaxTest"/>.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PropertyAttribute : FsCheck.Xunit.PropertyAttribute
{
    public PropertyAttribute() => MaxTest = 100;

    /// <summary>Number of draws unless SPANRNN_FRESH_DRAWS has another one.</summary>
    public new int MaxTest
    {
        get => base.MaxTest;
        set => base.MaxTest = Properties.Count(value);
    }
}
