namespace SpanRnn.Tasks;

/// <summary>Choices of <see cref="SequenceModel.Generate"/>.</summary>
public sealed record GenerationOptions
{
    /// <summary>Text that comes before, as if it had been written; empty for the start of a sequence.</summary>
    public string Prime { get; init; } = string.Empty;

    /// <summary>Most symbols to write, 0 or more.</summary>
    public int Length { get; init; } = 1000;

    /// <summary>How symbols are drawn.</summary>
    public SymbolSampler Sampler { get; init; } = new();

    /// <summary>
    /// Symbol behind which nothing more is written, a character or a word of the alphabet, or SequenceTask.EndText; null: only where a
    /// sequence that stands alone ends.
    /// </summary>
    public string? Stop { get; init; }

    /// <summary>Seed of the draws.</summary>
    public ulong Seed { get; init; }
}
