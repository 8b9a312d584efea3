namespace SpanRnn.Perf;

/// <summary>One kernel at one size; its memory is not there before <paramref name="Prepare"/>.</summary>
internal sealed record KernelCase(string Kernel, string Size, string Precision, Func<KernelWork> Prepare)
{
    /// <summary>What a filter looks at.</summary>
    public string Name => $"{Kernel} {Size} {Precision}";
}
