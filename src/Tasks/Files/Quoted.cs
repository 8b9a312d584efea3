namespace SpanRnn.Tasks.Files;

/// <summary>Text of a file in a message: cut at 80 characters, and without control characters, which would reach a terminal.</summary>
internal static class Quoted
{
    private const int Longest = 80;

    public static string Text(string text)
    {
        string shown = text.Length <= Longest ? text : text[..Longest] + "...";
        return $"'{string.Concat(shown.Select(c => char.IsControl(c) ? '?' : c))}'";
    }
}
