using System.Globalization;
using System.Text.Json;

namespace SpanRnn.Formats.Json;

/// <summary>Collects the parts of a JSON file beside the network: text, the sample rate, and parts that are not used.</summary>
internal sealed class JsonNotes
{
    // Far above the rate of any converter. The number of steps that let a model settle follows from the rate, so it is limited.
    private const double HighestRate = 10_000_000;

    /// <summary>Free text.</summary>
    public Dictionary<string, string> Metadata { get; } = [];

    /// <summary>Parts that are not used.</summary>
    public List<string> Unused { get; } = [];

    /// <summary>Steps per second.</summary>
    public double? SampleRate { get; private set; }

    /// <summary>
    /// Adds a member that does not describe the network. A number or text is kept, and so is each member of "metadata"; any other object or
    /// array is not used.
    /// </summary>
    public void Add(JsonPart member)
    {
        if (member.Kind == JsonValueKind.Null)
        {
            return;
        }

        if (member is { Name: "metadata", Kind: JsonValueKind.Object })
        {
            foreach (JsonPart entry in member.Members.Where(entry => entry.Kind != JsonValueKind.Null))
            {
                AddText(entry);
            }
        }
        else if (member.IsScalar)
        {
            AddText(member);
        }
        else
        {
            Unused.Add($"member {ModelFormatException.Quote(member.Name)}");
        }
    }

    private void AddText(JsonPart member)
    {
        if (member.Name is "samplerate" or "sample_rate" && SampleRate is null)
        {
            SampleRate = Rate(member);
        }

        if (!Metadata.TryAdd(member.Name, member.Shown()))
        {
            Metadata[$"metadata.{member.Name}"] = member.Shown();
        }
    }

    private static double Rate(JsonPart member)
    {
        double rate = member.Kind == JsonValueKind.String
            ? double.TryParse(member.Text(), NumberStyles.Float, CultureInfo.InvariantCulture, out double read) ? read : double.NaN
            : member.Number();
        return rate is > 0 and <= HighestRate
            ? rate
            : throw member.Wrong(string.Create(CultureInfo.InvariantCulture, $"a number above 0 and at most {HighestRate}"));
    }
}
