namespace SpanRnn.Cli.Models;

/// <summary>Value of --head.</summary>
/// <param name="Readout">The layer that makes one row per sequence for the head; null for a head on every step.</param>
internal sealed record HeadChoice(LayerSpec? Readout);
