using System.Text.RegularExpressions;

namespace SpanRnn.Tests;

/// <summary>One instruction of a listing.</summary>
internal sealed partial record Instruction(string Name, IReadOnlyList<string> Operands)
{
    /// <summary>Reads a line; returns null for a line without an instruction: a label, a comment, data, a note about alignment.</summary>
    public static Instruction? Parse(string line)
    {
        Match match = Line().Match(line);
        string name = match.Groups["name"].Value;
        return match.Success && name != "align"
            ? new(name, match.Groups["operands"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            : null;
    }

    /// <summary>The label that it may jump to.</summary>
    public string? Target => Name.StartsWith('j') ? Operands[0].Split(' ')[^1] : null;

    /// <summary>True if it only loads, stores or copies numbers.</summary>
    public bool IsTransfer => Transfer().IsMatch(Name);

    /// <summary>True if it only copies a vector register.</summary>
    public bool IsMove => IsTransfer && Operands.All(IsVector);

    public bool IsProduct => Product().IsMatch(Name);

    public bool IsSum => Sum().IsMatch(Name);

    /// <summary>Operand that the product is added to, in an instruction that multiplies and adds.</summary>
    public string? Addend
    {
        get
        {
            // The digits name the operands: 231 is second · third + first.
            Match match = MultiplyAdd().Match(Name);
            string form = match.Groups["form"].Value;
            return match.Success ? Operands[form.Length == 0 ? 0 : form[2] - '1'] : null;
        }
    }

    /// <summary>True if an operand is a vector register.</summary>
    public static bool IsVector(string operand) => Vector().IsMatch(operand);

    public override string ToString() => $"{Name} {string.Join(", ", Operands)}";

    [GeneratedRegex(@"^\s+(?<name>[a-z]\w*)(\s+(?<operands>[^;]*))?")]
    private static partial Regex Line();

    [GeneratedRegex("^v?mov([au]p[sd]|dq[au][0-9]*|s[sd])$")]
    private static partial Regex Transfer();

    [GeneratedRegex("^v?(mul[ps][sd]|pmaddwd)$")]
    private static partial Regex Product();

    [GeneratedRegex("^v?(add[ps][sd]|paddd)$")]
    private static partial Regex Sum();

    [GeneratedRegex("^vfn?m(add|sub)(?<form>132|213|231)[ps][sd]$|^vpdp(bus|wss)ds?(?<form>)$")]
    private static partial Regex MultiplyAdd();

    [GeneratedRegex("^[xyz]mm[0-9]+$")]
    private static partial Regex Vector();
}
