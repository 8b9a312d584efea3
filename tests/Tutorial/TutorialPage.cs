using System.Globalization;
using System.Text.RegularExpressions;

namespace SpanRnn.Tests;

/// <summary>The commands of a page and the comparison of what they print with what it shows.</summary>
internal static partial class TutorialPage
{
    /// <summary>The blocks of commands, in their order.</summary>
    public static IEnumerable<TutorialBlock> Blocks(string markdown)
    {
        string[] lines = markdown.ReplaceLineEndings("\n").Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i] != "```sh")
            {
                continue;
            }

            int first = i + 1;
            string[] commands = Block(lines, ref i);
            int columns = 0;
            string? pattern = null;
            int next = i + 1;
            for (; next < lines.Length && (lines[next].Length == 0 || Marker().IsMatch(lines[next])); next++)
            {
                if (Marker().Match(lines[next]) is { Success: true } marker)
                {
                    columns = marker.Groups["n"].Success ? int.Parse(marker.Groups["n"].Value, CultureInfo.InvariantCulture) : 0;
                    pattern = marker.Groups["pattern"].Success ? marker.Groups["pattern"].Value : null;
                }
            }

            string[] shown = [];
            if (next < lines.Length && lines[next] == "```text")
            {
                i = next;
                shown = Block(lines, ref i);
            }

            yield return new TutorialBlock(first + 1, commands, shown, columns, pattern);
        }
    }

    /// <summary>One sentence for each line that is shown and does not come out, or comes out and is not shown.</summary>
    /// <remarks>
    /// "…" as a line leaves out any lines, and at the end of one the rest of it. Blanks, empty lines and rules do not count, a bar of a
    /// curve is as any other one. Times and bytes may be any. Else a whole number is exact; a number with a power of ten is within a factor
    /// of 3, a percentage within 3 points, another number with decimals within 0.005 and a twentieth.
    /// </remarks>
    public static IEnumerable<string> Problems(TutorialBlock block, string output)
    {
        string[] actual = Said(output.ReplaceLineEndings("\n").Split('\n'));
        if (block.Pattern is not null)
        {
            string[] others = [.. block.Shown.Concat(actual).Where(line => !Regex.IsMatch(line, block.Pattern))];
            if (others.Length > 0 || block.Shown.Length != actual.Length)
            {
                yield return $"Below line {block.Line} the command writes\n{string.Join('\n', actual)}\n"
                    + $"and of these and the shown ones are not like the pattern: {string.Join(' ', others)}";
            }

            yield break;
        }

        int next = 0;
        bool leavesOut = false;
        foreach (string line in Said(block.Shown))
        {
            if (line == "…")
            {
                leavesOut = true;
                continue;
            }

            int found = next;
            while (leavesOut && found < actual.Length && !IsAlike(line, actual[found], block.Columns))
            {
                found++;
            }

            if (found >= actual.Length || !IsAlike(line, actual[found], block.Columns))
            {
                yield return $"Below line {block.Line} the page shows\n{line}\nand the command writes\n{string.Join('\n', actual[next..])}";
                yield break;
            }

            next = found + 1;
            leavesOut = false;
        }

        if (next < actual.Length && !leavesOut && block.Shown.Length > 0)
        {
            yield return $"Below line {block.Line} the page does not show the line\n{actual[next]}";
        }
    }

    private static string[] Block(string[] lines, ref int i)
    {
        int end = Array.IndexOf(lines, "```", i + 1);
        string[] block = lines[(i + 1)..end];
        i = end;
        return block;
    }

    private static string[] Said(IEnumerable<string> lines) =>
    [
        .. lines.Select(line => line.Trim().Replace("\t", "  ", StringComparison.Ordinal))
            .Where(line => line.Trim('─').Length > 0)
            .Select(line => Bars().Replace(line, "█")),
    ];

    private static bool IsAlike(string shown, string actual, int columns)
    {
        if (columns > 0)
        {
            (shown, actual) = (First(shown, columns), First(actual, columns));
        }

        bool isBeginning = shown.EndsWith('…');
        (string[] texts, string[] numbers) = Parts(shown.TrimEnd('…', ' '));
        (string[] actualTexts, string[] actualNumbers) = Parts(actual);
        if (isBeginning ? numbers.Length > actualNumbers.Length : numbers.Length != actualNumbers.Length)
        {
            return false;
        }

        for (int i = 0; i < texts.Length; i++)
        {
            bool isLast = i == numbers.Length;
            string text = actualTexts[i];
            bool isSame = isLast && isBeginning ? text.StartsWith(texts[i], StringComparison.Ordinal) : text == texts[i];
            if (!isSame || (!isLast && !IsNear(numbers[i], actualNumbers[i], texts[i + 1])))
            {
                return false;
            }
        }

        return true;
    }

    private static string First(string line, int columns) => string.Join("  ", Gap().Split(line).Take(columns));

    // Texts with numbers between them; there is one more text.
    private static (string[] Texts, string[] Numbers) Parts(string line)
    {
        string plain = Gap().Replace(line, " ");
        return (AnyNumber().Split(plain), [.. AnyNumber().Matches(plain).Select(match => match.Value)]);
    }

    private static bool IsNear(string shown, string actual, string behind)
    {
        if (Unit().IsMatch(behind))
        {
            return true;
        }

        (double expected, double value) = (Value(shown), Value(actual));
        double difference = Math.Abs(value - expected);
        return shown.Contains('e', StringComparison.Ordinal) ? value > expected / 3 && value < expected * 3
            : behind.StartsWith(" %", StringComparison.Ordinal) ? difference <= 3
            : shown.Contains('.', StringComparison.Ordinal) ? difference <= 0.005 + (Math.Abs(expected) / 20)
            : shown == actual;
    }

    private static double Value(string number) => double.Parse(number, NumberStyles.Any, CultureInfo.InvariantCulture);

    [GeneratedRegex("^<!-- (first (?<n>[0-9]+) columns|lines like (?<pattern>.+)) -->$")]
    private static partial Regex Marker();

    [GeneratedRegex("[▁-█]+")]
    private static partial Regex Bars();

    [GeneratedRegex(" {2,}")]
    private static partial Regex Gap();

    [GeneratedRegex(@"(?<![\w.])-?\d[\d,]*(?:\.\d+)?(?:e[+-]\d+)?(?!\w)")]
    private static partial Regex AnyNumber();

    [GeneratedRegex(@"^ (ns|µs|ms|s|min|h|bytes)\b")]
    private static partial Regex Unit();
}
