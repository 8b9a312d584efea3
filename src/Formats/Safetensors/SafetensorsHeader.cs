using System.Text;
using System.Text.Json;

namespace SpanRnn.Formats.Safetensors;

/// <summary>
/// Reads the JSON header of a safetensors file, one object whose members are tensors and at most one "__metadata__". All that the header
/// says by itself is checked here. <see cref="SafetensorsFile"/> checks it against the data.
/// </summary>
/// <remarks>No method recurses and no value is skipped, so nesting deeper than the format's is refused where it begins.</remarks>
internal ref struct SafetensorsHeader
{
    public const string MetadataName = "__metadata__";

    // Position of the header in the file: it follows its own length.
    private const int Start = 8;

    private readonly string _file;
    private readonly List<Entry> _entries = [];
    private readonly Dictionary<string, string> _metadata = [];
    private Utf8JsonReader _reader;

    private SafetensorsHeader(ReadOnlySpan<byte> json, string file)
    {
        _file = file;
        _reader = new Utf8JsonReader(json);
    }

    public static (List<Entry> Entries, Dictionary<string, string> Metadata) Parse(ReadOnlySpan<byte> json, string file)
    {
        var header = new SafetensorsHeader(json, file);
        try
        {
            header.ParseMembers();
        }
        catch (JsonException)
        {
            throw header.Fail($"the header is not valid JSON after byte {Start + header._reader.BytesConsumed}, expected one JSON object.");
        }

        return (header._entries, header._metadata);
    }

    private void ParseMembers()
    {
        var names = new HashSet<string>();
        Next();
        while (Next() == JsonTokenType.PropertyName)
        {
            string name = Text();
            if (!names.Add(name))
            {
                throw Fail($"the header names {ModelFormatException.Quote(name)} twice, expected each name once.");
            }

            Next();
            if (name == MetadataName)
            {
                ParseMetadata();
            }
            else
            {
                ParseTensor(name);
            }
        }

        // The reader accepts only white space behind the object.
        Next();
    }

    private void ParseMetadata()
    {
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            throw Fail($"{MetadataName} is {Found()}, expected an object of strings.");
        }

        while (Next() == JsonTokenType.PropertyName)
        {
            string key = Text();
            if (Next() != JsonTokenType.String)
            {
                throw Fail($"{MetadataName} {ModelFormatException.Quote(key)} is {Found()}, expected a string.");
            }

            if (!_metadata.TryAdd(key, Text()))
            {
                throw Fail($"{MetadataName} names {ModelFormatException.Quote(key)} twice, expected each name once.");
            }
        }
    }

    private void ParseTensor(string name)
    {
        const string Fields = "dtype, shape and data_offsets";
        string tensor = $"tensor {ModelFormatException.Quote(name)}";
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            throw Fail($"{tensor} is {Found()}, expected an object with {Fields}.");
        }

        string? dtype = null;
        List<long>? shape = null;
        List<long>? offsets = null;
        while (Next() == JsonTokenType.PropertyName)
        {
            string field = Text();
            Next();
            switch (field)
            {
                case "dtype" when dtype is null:
                    dtype = Dtype(tensor);
                    break;
                case "shape" when shape is null:
                    shape = Numbers(tensor, field, int.MaxValue);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = Numbers(tensor, field, long.MaxValue);
                    break;
                case "dtype" or "shape" or "data_offsets":
                    throw Fail($"{tensor} has {field} twice, expected each of {Fields} once.");
                default:
                    throw Fail($"{tensor} has a field {ModelFormatException.Quote(field)}, expected {Fields}.");
            }
        }

        if (dtype is null || shape is null || offsets is null)
        {
            string missing = dtype is null ? "dtype" : shape is null ? "shape" : "data_offsets";
            throw Fail($"{tensor} has no {missing}, expected {Fields}.");
        }

        if (offsets.Count != 2)
        {
            throw Fail($"{tensor} has {offsets.Count} data_offsets, expected 2, begin and end.");
        }

        _entries.Add(new Entry(name, dtype, [.. shape.Select(size => (int)size)], offsets[0], offsets[1]));
    }

    private string Dtype(string tensor)
    {
        string? dtype = _reader.TokenType == JsonTokenType.String ? Text() : null;
        return dtype is not null && SafetensorsDtype.Sizes.ContainsKey(dtype)
            ? dtype
            : throw Fail($"{tensor} has dtype {Found()}, expected one of {string.Join(", ", SafetensorsDtype.Sizes.Keys)}.");
    }

    private List<long> Numbers(string tensor, string field, long largest)
    {
        if (_reader.TokenType != JsonTokenType.StartArray)
        {
            throw Fail($"{tensor} has {field} {Found()}, expected an array of whole numbers.");
        }

        List<long> numbers = [];
        while (Next() != JsonTokenType.EndArray)
        {
            if (_reader.TokenType != JsonTokenType.Number || !_reader.TryGetInt64(out long number) || number < 0 || number > largest)
            {
                throw Fail($"{tensor} has {Found()} in its {field}, expected whole numbers from 0 to {largest}.");
            }

            numbers.Add(number);
        }

        return numbers;
    }

    private JsonTokenType Next()
    {
        _reader.Read();
        return _reader.TokenType;
    }

    private readonly string Text()
    {
        try
        {
            return _reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // An escape such as \ud800 is half a character.
            throw Fail($"the header has a broken \\u escape in the string before byte {Start + _reader.BytesConsumed}, expected Unicode.");
        }
    }

    private readonly string Found() => _reader.TokenType switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => ModelFormatException.Quote(Text()),
        _ => ModelFormatException.Quote(Encoding.UTF8.GetString(_reader.ValueSpan)),
    };

    private readonly ModelFormatException Fail(string problem) => new(_file, problem);

    /// <summary>One tensor of the header. Begin and End count from the first byte behind the header.</summary>
    public readonly record struct Entry(string Name, string Dtype, int[] Shape, long Begin, long End);
}
