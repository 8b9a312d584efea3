namespace SpanRnn.Perf;

/// <summary>One kernel at one size; <paramref name="Prepare"/> makes its memory.</summary>
internal sealed record KernelCase(string Kernel, string Size, string Precision, Func<KernelWork> Prepare)
{
    /// <summary>Text that a filter searches.</summary>
    public string Name => $"{Kernel} {Size} {Precision}";
}
