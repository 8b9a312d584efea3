using System.Text;
using System.Text.Json;
using SpanRnn.Tasks.Symbols;

namespace SpanRnn.Tasks;

/// <summary>
/// Symbols that sequences are made of, each with its number 0, 1, 2... A symbol that is not among them is an error, or has one more number
/// that all of them share. An alphabet does not change, and any number of threads may use it.
/// </summary>
public sealed class Alphabet
{
    /// <summary>Text that <see cref="Decode"/> writes for the unknown symbol: U+FFFD, the replacement character.</summary>
    public const string UnknownText = "\uFFFD";

    private const int Ascii = 128;

    private readonly Dictionary<string, int> _numbers;

    private readonly string[] _symbols;

    // Numbers of ASCII characters, -1 for none; empty for words.
    private readonly int[] _ofAscii;

    /// <summary>Makes an alphabet of given symbols.</summary>
    /// <param name="unit">Pieces that sequences are cut into.</param>
    /// <param name="symbols">The symbols in the order of their numbers; each is one character, or one word without white space.</param>
    /// <param name="hasUnknown">True if symbols that are not given share the number behind the last; false if they are an error.</param>
    /// <param name="ignoresCase">True if letters of sequences are taken as their capitals; no symbol may then be in lower case.</param>
    /// <exception cref="ArgumentException">
    /// There is no symbol, one is there twice, one is not a single piece, or one is in lower case although case is ignored.
    /// </exception>
    public Alphabet(SymbolUnit unit, IEnumerable<string> symbols, bool hasUnknown = false, bool ignoresCase = false)
    {
        ArgumentNullException.ThrowIfNull(symbols);
        if (unit == SymbolUnit.Number)
        {
            throw new ArgumentException("'unit' is Number, expected characters or words: numbers are no symbols.", nameof(unit));
        }

        (Unit, HasUnknown, IgnoresCase) = (unit, hasUnknown, ignoresCase);
        _symbols = [.. symbols];
        _numbers = new(_symbols.Length, StringComparer.Ordinal);
        if (_symbols.Length == 0)
        {
            throw new ArgumentException("'symbols' is empty, expected at least one symbol.", nameof(symbols));
        }

        foreach (string symbol in _symbols)
        {
            if (symbol is null || Pieces.Of(symbol, unit).FirstOrDefault().Text != symbol)
            {
                throw new ArgumentException($"The symbol '{symbol}' is not a {Piece}, expected one {Piece}.", nameof(symbols));
            }

            string capitals = symbol.ToUpperInvariant();
            if (ignoresCase && !string.Equals(symbol, capitals, StringComparison.Ordinal))
            {
                throw new ArgumentException(
                    $"The symbol '{symbol}' is in lower case, expected capitals if case is ignored.", nameof(symbols));
            }

            if (!_numbers.TryAdd(symbol, _numbers.Count))
            {
                throw new ArgumentException($"The symbol '{symbol}' is there twice, expected it once.", nameof(symbols));
            }
        }

        _ofAscii = unit == SymbolUnit.Character
            ? [.. Enumerable.Range(0, Ascii).Select(code => Number($"{(char)code}"))]
            : [];

        int Number(string symbol) => _numbers.GetValueOrDefault(
            ignoresCase ? symbol.ToUpperInvariant() : symbol, hasUnknown ? _symbols.Length : -1);
    }

    /// <summary>The four bases A, C, G, T, in capitals or not; any other symbol is an error.</summary>
    public static Alphabet Dna { get; } = new(SymbolUnit.Character, Letters("ACGT"), ignoresCase: true);

    /// <summary>The twenty amino acids in the order of their letters, in capitals or not; any other symbol is an error.</summary>
    public static Alphabet Protein { get; } = new(SymbolUnit.Character, Letters("ACDEFGHIKLMNPQRSTVWY"), ignoresCase: true);

    /// <summary>Pieces that sequences are cut into.</summary>
    public SymbolUnit Unit { get; }

    /// <summary>True if symbols that are not in the alphabet share one more number; false if they are an error.</summary>
    public bool HasUnknown { get; }

    /// <summary>True if letters of sequences are taken as their capitals.</summary>
    public bool IgnoresCase { get; }

    /// <summary>The symbols in the order of their numbers, without the unknown one.</summary>
    public IReadOnlyList<string> Symbols => _symbols;

    /// <summary>How many numbers there are, with that of unknown symbols: the size of a network's input.</summary>
    public int Size => _symbols.Length + (HasUnknown ? 1 : 0);

    private string Piece => Unit == SymbolUnit.Character ? "character" : "word";

    /// <summary>
    /// Makes the alphabet of all symbols that are at least <paramref name="least"/> times in the sequences, in the order of their
    /// characters' codes. Rarer ones are unknown; an alphabet of words has an unknown symbol in any case, one of characters only
    /// if some are rarer.
    /// </summary>
    /// <param name="unit">Pieces that sequences are cut into.</param>
    /// <param name="sequences">The sequences; those of training alone, if a test shall be fair.</param>
    /// <param name="least">How often a symbol must be there; null: once for characters and twice for words.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="least"/> is below 1.</exception>
    /// <exception cref="ArgumentException">No symbol is there often enough.</exception>
    public static Alphabet Of(SymbolUnit unit, IEnumerable<string> sequences, int? least = null)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        int needed = least ?? (unit == SymbolUnit.Character ? 1 : 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(needed, 1, nameof(least));

        Dictionary<string, int> counts = new(StringComparer.Ordinal);
        foreach (string sequence in sequences)
        {
            foreach ((string symbol, _) in Pieces.Of(sequence, unit))
            {
                counts[symbol] = counts.GetValueOrDefault(symbol) + 1;
            }
        }

        string[] kept = [.. counts.Where(count => count.Value >= needed).Select(count => count.Key).Order(StringComparer.Ordinal)];
        return kept.Length > 0
            ? new Alphabet(unit, kept, hasUnknown: unit == SymbolUnit.Word || kept.Length < counts.Count)
            : throw new ArgumentException(
                $"'sequences' has no symbol {needed} times among {counts.Count} symbols, expected at least one.", nameof(sequences));
    }

    /// <summary>Makes an alphabet of the same symbols in which others are unknown instead of an error.</summary>
    public Alphabet WithUnknown() => HasUnknown ? this : new Alphabet(Unit, _symbols, hasUnknown: true, IgnoresCase);

    /// <summary>Finds the numbers of a sequence's symbols.</summary>
    /// <returns>The numbers, a new array.</returns>
    /// <exception cref="ArgumentException">A symbol is not in the alphabet, which has no unknown one; the message names it.</exception>
    public int[] Encode(string sequence)
    {
        ArgumentNullException.ThrowIfNull(sequence);
        return TryEncode(sequence, out string problem) ?? throw new ArgumentException($"The {problem}", nameof(sequence));
    }

    /// <summary>Finds the numbers of the symbols of a file's record.</summary>
    /// <param name="record">A record of the file.</param>
    /// <param name="file">The file as the message calls it.</param>
    /// <returns>The numbers, a new array.</returns>
    /// <exception cref="ModelFormatException">
    /// A symbol is not in the alphabet, and it has no unknown one; the message has the line where the record begins and the position in the
    /// sequence.
    /// </exception>
    public int[] Encode(SequenceRecord record, string file)
    {
        ArgumentNullException.ThrowIfNull(record);
        return TryEncode(record.Sequence, out string problem)
            ?? throw new ModelFormatException(file, $"line {record.Line}: the {problem}");
    }

    /// <summary>Writes the sequence of numbers; words are separated by a space, unknown ones are <see cref="UnknownText"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number is not from 0 to <see cref="Size"/> − 1.</exception>
    public string Decode(ReadOnlySpan<int> numbers)
    {
        var text = new StringBuilder();
        foreach (int number in numbers)
        {
            if ((uint)number >= (uint)Size)
            {
                throw new ArgumentOutOfRangeException(nameof(numbers), $"'numbers' has {number}, expected 0 to {Size - 1}.");
            }

            if (Unit == SymbolUnit.Word && text.Length > 0)
            {
                text.Append(' ');
            }

            text.Append(number < _symbols.Length ? _symbols[number] : UnknownText);
        }

        return text.ToString();
    }

    /// <summary>Writes the alphabet as one line of JSON, for the metadata of a model's file.</summary>
    public string ToJson()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("unit", Piece);
            json.WriteBoolean("unknown", HasUnknown);
            json.WriteBoolean("ignoresCase", IgnoresCase);
            json.WriteStartArray("symbols");
            foreach (string symbol in _symbols)
            {
                json.WriteStringValue(symbol);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer().AsSpan(0, (int)bytes.Length));
    }

    /// <summary>Reads an alphabet that <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="FormatException">The text is not such an alphabet; the message says what is wrong.</exception>
    public static Alphabet FromJson(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            using var document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            SymbolUnit unit = root.GetProperty("unit").GetString() switch
            {
                "character" => SymbolUnit.Character,
                "word" => SymbolUnit.Word,
                string other => throw new FormatException($"The alphabet has the unit '{other}', expected 'character' or 'word'."),
                null => throw new FormatException("The alphabet has the unit null, expected 'character' or 'word'."),
            };
            return new Alphabet(
                unit,
                root.GetProperty("symbols").EnumerateArray().Select(symbol => symbol.GetString()!),
                root.GetProperty("unknown").GetBoolean(),
                root.GetProperty("ignoresCase").GetBoolean());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentException)
        {
            throw new FormatException($"The alphabet cannot be read, expected the JSON of Alphabet.ToJson: {e.Message}", e);
        }
    }

    private static IEnumerable<string> Letters(string letters) => letters.Select(letter => letter.ToString());

    /// <summary>Finds the numbers of a sequence's symbols, or says what is wrong, from the second word of the sentence on.</summary>
    internal int[]? TryEncode(string sequence, out string problem)
    {
        if (TryEncodeAscii(sequence) is { } all)
        {
            problem = string.Empty;
            return all;
        }

        List<int> numbers = new(sequence.Length);
        foreach ((string symbol, int position) in Pieces.Of(IgnoresCase ? sequence.ToUpperInvariant() : sequence, Unit))
        {
            if (_numbers.TryGetValue(symbol, out int number))
            {
                numbers.Add(number);
            }
            else if (HasUnknown)
            {
                numbers.Add(_symbols.Length);
            }
            else
            {
                problem = $"{Piece} {Files.Quoted.Text(symbol)} at position {position} is not in the alphabet, expected one of {List()}.";
                return null;
            }
        }

        problem = string.Empty;
        return [.. numbers];
    }

    // Most sequences are of such symbols alone; null for any other, and for one that is wrong.
    private int[]? TryEncodeAscii(string sequence)
    {
        int[] numbers = new int[sequence.Length];
        for (int i = 0; i < numbers.Length; i++)
        {
            char symbol = sequence[i];
            numbers[i] = symbol < _ofAscii.Length ? _ofAscii[symbol] : -1;
            if (numbers[i] < 0)
            {
                return null;
            }
        }

        return numbers;
    }

    private string List()
    {
        const int Most = 30;
        string separator = Unit == SymbolUnit.Character ? string.Empty : " ";
        return string.Join(separator, _symbols.Take(Most)) + (_symbols.Length > Most ? $" and {_symbols.Length - Most} more" : "");
    }
}
