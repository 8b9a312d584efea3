using System.CommandLine;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Output;
using SpanRnn.Tasks;

namespace SpanRnn.Cli.Data;

/// <summary>Command data: tables of sequences that are made from a seed, to try things with.</summary>
internal static class DataCommand
{
    public static Command Create(Terminal terminal)
    {
        Option<long> digits = NumberOption.Whole("--digits", "The most digits of both numbers; 3 is the default.", 1, 9);
        Option<long> length = NumberOption.Whole("--length", "Numbers per sequence; 50 is the default.", 2, 100_000);
        Option<long> least = NumberOption.Whole("--least", "How often the letter has to be there; 3 is the default.", 1, 40);
        Option<char> letter = ChoiceOption.Create(
            "--letter", "The letter that is counted; G is the default.", [.. "ACGT".Select(c => (c.ToString(), c))]);
        return new CommandWithExample(
            "data",
            "Writes a table of a made problem to the output, the same for every run with the same seed.",
            "data at-least --count 1000 > dna.csv")
        {
            Problem(
                "addition",
                "Sums as text, every number with its last digit first: 21+9=12 is 12 + 9 = 21.",
                [digits],
                (result, count, seed) => MadeSequences.Addition(count, Or(result.GetValue(digits), 3), seed),
                terminal),
            Problem(
                "reber",
                "Strings of the embedded Reber grammar; their second-last letter is their second one.",
                [],
                (_, count, seed) => MadeSequences.EmbeddedReber(count, seed),
                terminal),
            Problem(
                "adding",
                "Numbers of which two are marked, 0.2500:1; the label is the sum of these two.",
                [length],
                (result, count, seed) => MadeSequences.AddingProblem(count, Or(result.GetValue(length), 50), seed),
                terminal),
            Problem(
                "at-least",
                "DNA of 10 to 40 letters; the label says if a letter is there often enough.",
                [letter, least],
                (result, count, seed) => MadeSequences.AtLeast(
                    count, result.GetResult(letter) is null ? 'G' : result.GetValue(letter), Or(result.GetValue(least), 3), seed),
                terminal),
        };
    }

    private static CommandWithExample Problem(
        string name,
        string description,
        Option[] own,
        Func<ParseResult, int, ulong, SequenceRecord[]> make,
        Terminal terminal)
    {
        Option<long> count = NumberOption.Whole("--count", "How many sequences.", 1, 10_000_000);
        count.Required = true;
        Option<ulong> seed = NumberOption.Seed();
        var command = new CommandWithExample(name, description, $"data {name} --count 1000 > {name}.csv") { count, seed };
        foreach (Option option in own)
        {
            command.Add(option);
        }

        command.SetAction(result =>
        {
            SequenceTable.Write(terminal.Output, make(result, (int)result.GetValue(count), result.GetValue(seed)));
            return ExitCode.Success;
        });
        return command;
    }

    // 0 is no number of these options, so it means that the option is not given.
    private static int Or(long given, int usual) => given == 0 ? usual : (int)given;
}
