namespace SpanRnn.Cli.Models;

/// <summary>What --head asks for.</summary>
/// <param name="Readout">The layer that makes one row per sequence for the head; null for a head on every step.</param>
internal sealed record HeadChoice(LayerSpec? Readout);
