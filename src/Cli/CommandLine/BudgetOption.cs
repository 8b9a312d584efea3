using System.CommandLine;

namespace SpanRnn.Cli.CommandLine;

/// <summary>Option --budget: a time with its unit, read as nanoseconds.</summary>
internal static class BudgetOption
{
    private const string Name = "--budget";

    private static readonly (string Unit, double Nanoseconds)[] _units =
        [("ns", 1), ("us", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("min", 60e9), ("h", 3600e9)];

    /// <summary>Makes the option.</summary>
    /// <param name="description">Its line in the help.</param>
    /// <param name="example">A value, for the message about a wrong one.</param>
    /// <param name="units">Units that it may have.</param>
    public static Option<double> Create(string description, string example, params string[] units) => new(Name)
    {
        Description = description,
        HelpName = "TIME",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result =>
        {
            string given = result.Tokens[0].Value;

            // Behind the last digit, because an exponent has a letter too.
            string unit = given[(given.LastIndexOfAny([.. "0123456789."]) + 1)..];

            // The micro sign and the Greek letter mu.
            string ascii = unit is "\u00B5s" or "\u03BCs" ? "us" : unit;
            double scale = units.Contains(ascii) ? Array.Find(_units, known => known.Unit == ascii).Nanoseconds : 0;
            if (NumberOption.Parse<decimal>(given[..^unit.Length]) is { } value && value > 0 && scale > 0)
            {
                return (double)value * scale;
            }

            string list = string.Join(", ", units);
            result.AddError($"{Name} is '{given}', expected a number above 0 and one of the units {list}, such as {example}.");
            return default;
        },
    };
}
