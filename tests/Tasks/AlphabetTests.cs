using SpanRnn.Tasks;

namespace SpanRnn.Tests;

public class AlphabetTests
{
    [Fact]
    public void Letters_have_the_numbers_of_their_order_in_either_case()
    {
        Assert.Equal([0, 1, 2, 3, 0, 1, 2, 3], Alphabet.Dna.Encode("ACGTacgt"));
        Assert.Equal("ACGT", Alphabet.Dna.Decode([0, 1, 2, 3]));
        Assert.Equal(20, Alphabet.Protein.Size);
        Assert.Empty(Alphabet.Dna.Encode(""));
    }

    [Fact]
    public void An_unknown_symbol_is_an_error_with_line_and_position()
    {
        ModelFormatException error = Assert.Throws<ModelFormatException>(
            () => Alphabet.Dna.Encode(new SequenceRecord("x", "ACNT", null, 7), "a.fa"));

        Assert.Equal("a.fa: line 7: the character 'N' at position 3 is not in the alphabet, expected one of ACGT.", error.Message);
        Assert.StartsWith(
            "The character 'N' at position 3 is not in the alphabet",
            Assert.Throws<ArgumentException>(() => Alphabet.Dna.Encode("ACNT")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_alphabet_with_an_unknown_symbol_takes_all()
    {
        Alphabet alphabet = Alphabet.Dna.WithUnknown();

        Assert.Equal(5, alphabet.Size);
        Assert.Equal([0, 4, 4, 3], alphabet.Encode("aN🚀t"));
        Assert.Equal("A\uFFFD\uFFFDT", alphabet.Decode([0, 4, 4, 3]));
        Assert.Same(alphabet, alphabet.WithUnknown());
    }

    [Fact]
    public void Characters_of_data_are_in_the_order_of_their_codes()
    {
        var alphabet = Alphabet.Of(SymbolUnit.Character, ["ba🚀", "Ab"]);

        Assert.Equal(["A", "a", "b", "🚀"], alphabet.Symbols);
        Assert.False(alphabet.HasUnknown);
        Assert.Equal(["b"], Alphabet.Of(SymbolUnit.Character, ["ba🚀", "Ab"], 2).Symbols);
        Assert.True(Alphabet.Of(SymbolUnit.Character, ["ba🚀", "Ab"], 2).HasUnknown);
    }

    [Fact]
    public void Words_that_occur_twice_are_kept_and_the_rest_is_unknown()
    {
        var alphabet = Alphabet.Of(SymbolUnit.Word, ["the cat  and the dog", "a\tcat"]);

        Assert.Equal(["cat", "the"], alphabet.Symbols);
        Assert.Equal([1, 0, 2, 1, 2], alphabet.Encode("the cat and the dog"));
        Assert.Equal("the cat \uFFFD", alphabet.Decode([1, 0, 2]));
    }

    [Theory]
    [InlineData(SymbolUnit.Character, "A|B|A", false, "The symbol 'A' is there twice")]
    [InlineData(SymbolUnit.Character, "AB", false, "The symbol 'AB' is not a character")]
    [InlineData(SymbolUnit.Word, "A B", false, "The symbol 'A B' is not a word")]
    [InlineData(SymbolUnit.Word, "a", true, "The symbol 'a' is in lower case")]
    [InlineData(SymbolUnit.Word, "", false, "The symbol '' is not a word")]
    public void Symbols_that_are_wrong_are_refused(SymbolUnit unit, string symbols, bool ignoresCase, string expected) =>
        Assert.StartsWith(
            expected,
            Assert.Throws<ArgumentException>(() => new Alphabet(unit, symbols.Split('|'), ignoresCase: ignoresCase)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void An_alphabet_of_nothing_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new Alphabet(SymbolUnit.Word, []));
        Assert.Throws<ArgumentException>(() => Alphabet.Of(SymbolUnit.Word, ["each word once"]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Alphabet.Of(SymbolUnit.Word, ["a a"], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Alphabet.Dna.Decode([4]));
    }

    [Fact]
    public void An_alphabet_is_the_same_after_it_was_written_and_read()
    {
        foreach (Alphabet alphabet in new[]
        {
            Alphabet.Dna, Alphabet.Protein.WithUnknown(), Alphabet.Of(SymbolUnit.Word, ["\"é\" \"é\" 🚀 🚀"]),
        })
        {
            var read = Alphabet.FromJson(alphabet.ToJson());

            Assert.Equal(alphabet.Symbols, read.Symbols);
            Assert.Equal((alphabet.Unit, alphabet.HasUnknown, alphabet.IgnoresCase), (read.Unit, read.HasUnknown, read.IgnoresCase));
            Assert.Equal(alphabet.ToJson(), read.ToJson());
        }

        Assert.Equal("""{"unit":"character","unknown":false,"ignoresCase":true,"symbols":["A","C","G","T"]}""", Alphabet.Dna.ToJson());
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"unit":"byte","unknown":false,"ignoresCase":true,"symbols":["A"]}""")]
    [InlineData("""{"unit":null,"unknown":false,"ignoresCase":true,"symbols":["A"]}""")]
    [InlineData("""{"unit":"word","unknown":0,"ignoresCase":true,"symbols":["A"]}""")]
    [InlineData("""{"unit":"word","unknown":false,"ignoresCase":true,"symbols":["A","A"]}""")]
    [InlineData("""{"unit":"word","unknown":false,"ignoresCase":true,"symbols":[null]}""")]
    [InlineData("""{"unit":"word","unknown":false,"symbols":["A"]}""")]
    public void A_text_that_is_no_alphabet_is_refused(string json) => Assert.Throws<FormatException>(() => Alphabet.FromJson(json));
}
