namespace SpanRnn.Tests;

/// <summary>Commands of a page, and the output that it shows below them.</summary>
/// <param name="Line">The line of the first command.</param>
/// <param name="Commands">Lines of the block <c>sh</c>.</param>
/// <param name="Shown">Lines of the block <c>text</c> right below it; empty if there is none.</param>
/// <param name="Columns">So many cells of each line are compared, by <c>&lt;!-- first N columns --&gt;</c>; 0 for all of them.</param>
/// <param name="Pattern">
/// What every line is like, by <c>&lt;!-- lines like PATTERN --&gt;</c>, instead of the comparison; null for none.
/// </param>
internal sealed record TutorialBlock(int Line, string[] Commands, string[] Shown, int Columns, string? Pattern);
