using System.Buffers.Binary;
using System.Text.Json;
using SpanRnn.Formats.Files;
using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.Json;

/// <summary>
/// A value of a JSON file with its place in the file, so that one sentence can say what is wrong with it. Names are distinct, values nest
/// at most 64 levels deep, and numbers are finite.
/// </summary>
internal readonly struct JsonPart
{
    private const int DeepestNesting = 64;

    private static readonly JsonDocumentOptions _strict = new() { AllowDuplicateProperties = false, MaxDepth = DeepestNesting };

    private readonly JsonText _text;
    private readonly JsonElement _element;

    private JsonPart(JsonText text, string file, string place, string name, JsonElement element) =>
        (_text, File, Place, Name, _element) = (text, file, place, name, element);

    /// <summary>The file as messages call it.</summary>
    public string File { get; }

    /// <summary>The place of the value, as messages call it.</summary>
    public string Place { get; }

    /// <summary>The name of a member, or the index of an item in brackets.</summary>
    public string Name { get; }

    /// <summary>True if the value is true, false, a number or a string.</summary>
    public bool IsScalar => Kind is JsonValueKind.True or JsonValueKind.False or JsonValueKind.Number or JsonValueKind.String;

    /// <summary>The kind of the value.</summary>
    public JsonValueKind Kind => _element.ValueKind;

    /// <summary>The members of an object.</summary>
    public IEnumerable<JsonPart> Members
    {
        get
        {
            if (Kind != JsonValueKind.Object)
            {
                throw Wrong("an object");
            }

            foreach (JsonProperty property in _element.EnumerateObject())
            {
                yield return Member(property.Name, property.Value);
            }
        }
    }

    /// <summary>The items of an array.</summary>
    public IEnumerable<JsonPart> Items
    {
        get
        {
            if (Kind != JsonValueKind.Array)
            {
                throw Wrong("an array");
            }

            int index = 0;
            foreach (JsonElement item in _element.EnumerateArray())
            {
                string name = $"[{index}]";
                yield return new JsonPart(_text, File, Place + name, name, item);
                index += Count(item);
            }
        }
    }

    /// <summary>Parses a file and reads it. Anything wrong with it throws a <see cref="ModelFormatException"/>.</summary>
    /// <param name="file">UTF-8, with or without a byte order mark; nothing of it was read.</param>
    /// <param name="place">The outermost value as messages call it.</param>
    /// <param name="read">Reads the outermost value, which is not valid afterwards.</param>
    public static T Read<T>(InputFile file, string place, Func<JsonPart, T> read)
    {
        try
        {
            var text = JsonText.Read(file, DeepestNesting);
            using var document = JsonDocument.Parse(text.Text, _strict);
            return read(new JsonPart(text, file.Name, place, string.Empty, document.RootElement));
        }
        catch (JsonException e)
        {
            string where = e.LineNumber is { } line
                ? $" from line {line + 1}, byte {e.BytePositionInLine + 1} on" : string.Empty;
            throw new ModelFormatException(
                file.Name,
                $"{place} is not JSON{where}, expected one value with distinct names, at most {DeepestNesting} levels and no NaN.");
        }
        catch (InvalidOperationException)
        {
            // An escape such as \ud800 is half a character, or a string is not UTF-8.
            throw new ModelFormatException(file.Name, $"{place} has a string that is not Unicode, expected UTF-8.");
        }
        catch (Exception e) when (e is ArgumentException or OverflowException)
        {
            throw new ModelFormatException(file.Name, $"the layers are not a network: {ModelFormatException.Sentence(e)}");
        }
    }

    /// <summary>Makes an error at this place.</summary>
    public ModelFormatException Fail(string problem) => new(File, $"{Place} {problem}.");

    /// <summary>Makes an error for a value of another kind.</summary>
    public ModelFormatException Wrong(string expected) => Fail($"is {Found()}, expected {expected}");

    /// <summary>Finds the member with that name; null if it is missing or null.</summary>
    public JsonPart? Find(string name) =>
        Kind == JsonValueKind.Object && _element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null
            ? Member(name, value)
            : null;

    /// <summary>Gets the member with that name, which must be there.</summary>
    public JsonPart Get(string name) => Find(name) ?? throw (Kind == JsonValueKind.Object
        ? Fail($"has no '{name}', expected one")
        : Wrong($"an object with '{name}'"));

    /// <summary>Counts the items of an array.</summary>
    public int Count() => Kind == JsonValueKind.Array ? _element.EnumerateArray().Sum(Count) : throw Wrong("an array");

    /// <summary>Reads a string.</summary>
    public string Text() => Kind == JsonValueKind.String ? _element.GetString()! : throw Wrong("a string");

    /// <summary>Reads true or false.</summary>
    public bool Flag() => Kind is JsonValueKind.True or JsonValueKind.False ? _element.GetBoolean() : throw Wrong("true or false");

    /// <summary>Reads a whole number.</summary>
    public int Integer(int smallest) =>
        Kind == JsonValueKind.Number && _element.TryGetInt32(out int value) && value >= smallest
            ? value
            : throw Wrong($"a whole number from {smallest} to {int.MaxValue}");

    /// <summary>Reads a finite number.</summary>
    public double Number() =>
        Kind == JsonValueKind.Number && _element.TryGetDouble(out double value) && double.IsFinite(value)
            ? value
            : throw Wrong("a finite number");

    /// <summary>Text to show: a string itself, any other value as its JSON.</summary>
    public string Shown() => Kind == JsonValueKind.String ? Text() : _element.GetRawText();

    /// <summary>Reads an array of numbers, or nested arrays of numbers that have one length at each depth.</summary>
    /// <param name="name">The name of the tensor.</param>
    /// <returns>One row of all numbers, with the sizes of the arrays as its shape.</returns>
    public ParameterSource Tensor(string name)
    {
        List<int> shape = [];
        JsonElement first = _element;
        while (first.ValueKind == JsonValueKind.Array)
        {
            shape.Add(first.EnumerateArray().Sum(Count));
            if (shape[^1] == 0)
            {
                break;
            }

            first = first[0];
        }

        if (shape.Count == 0)
        {
            throw Wrong("an array of numbers");
        }

        // All numbers are counted before memory is allocated: the first array of each depth says nothing of the others.
        int[] sizes = [.. shape];
        int[] place = new int[sizes.Length];
        long count = Measure(_element, sizes, 0, place);
        if (count > int.MaxValue / sizeof(float))
        {
            throw Fail($"has {count} numbers, expected at most {int.MaxValue / sizeof(float)}");
        }

        byte[] data = new byte[count * sizeof(float)];
        int position = 0;
        Fill(_element, sizes.Length, 0, place, data, ref position);
        return ParameterSource.Of(name, sizes, ElementType.Single, data, 1, (int)count);
    }

    private JsonPart Member(string name, JsonElement value)
    {
        string quoted = ModelFormatException.Quote(name);
        return new JsonPart(_text, File, Name.Length == 0 ? quoted : $"{Place} {quoted}", name, value);
    }

    // A run of numbers is as many items.
    private int Count(JsonElement item) => Math.Max(1, _text.Run(item).Length);

    private string Found() => Kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => $"an array of {Count()}",
        JsonValueKind.String => ModelFormatException.Quote(Text()),
        _ when Count(_element) > 1 => $"{Count(_element)} numbers",
        _ => ModelFormatException.Quote(_element.GetRawText()),
    };

    // Counts the numbers below an array. The parser's limit of nesting ends the recursion.
    private long Measure(JsonElement array, int[] sizes, int depth, int[] place)
    {
        int items = array.ValueKind == JsonValueKind.Array ? array.EnumerateArray().Sum(Count) : -1;
        if (items != sizes[depth])
        {
            string found = items >= 0 ? $"{items} items" : "no array";
            throw Fail($"has {found} at {Index(place, depth)}, expected {sizes[depth]} items as in the arrays before it");
        }

        if (depth == sizes.Length - 1)
        {
            return sizes[depth];
        }

        long count = 0;
        foreach (JsonElement item in array.EnumerateArray())
        {
            count += Measure(item, sizes, depth + 1, place);
            place[depth]++;
        }

        place[depth] = 0;
        return count;
    }

    private void Fill(JsonElement array, int rank, int depth, int[] place, byte[] data, ref int position)
    {
        place[depth] = 0;
        foreach (JsonElement item in array.EnumerateArray())
        {
            ReadOnlySpan<float> run = _text.Run(item);
            if (depth < rank - 1)
            {
                Fill(item, rank, depth + 1, place, data, ref position);
            }
            else if (run.Length > 0)
            {
                LittleEndian.Write(run, data.AsSpan(position, run.Length * sizeof(float)));
                position += run.Length * sizeof(float);
                place[depth] += run.Length - 1;
            }
            else if (item.ValueKind == JsonValueKind.Number && item.TryGetSingle(out float value) && float.IsFinite(value))
            {
                BinaryPrimitives.WriteSingleLittleEndian(data.AsSpan(position), value);
                position += sizeof(float);
            }
            else
            {
                string found = new JsonPart(_text, File, Place, Name, item).Found();
                throw Fail($"has {found} at {Index(place, rank)}, expected a number that a float can hold");
            }

            place[depth]++;
        }
    }

    private static string Index(int[] place, int depth) =>
        depth == 0 ? "its start" : string.Concat(place.AsSpan(0, depth).ToArray().Select(index => $"[{index}]"));
}
