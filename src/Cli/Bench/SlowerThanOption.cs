using System.CommandLine;
using SpanRnn.Cli.CommandLine;

namespace SpanRnn.Cli.Bench;

/// <summary>Option --slower-than: a slow-down in percent with its sign, read as a number of percent.</summary>
internal static class SlowerThanOption
{
    public const string Name = "--slower-than";

    // As much as perf's gate takes.
    private const double Most = 1000;

    public static Option<double> Create() => new(Name)
    {
        Description = "The slow-down against the other model that still passes: 5%.",
        HelpName = "PERCENT",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result =>
        {
            string given = result.Tokens[0].Value;
            if (given.EndsWith('%') && NumberOption.Parse<double>(given[..^1]) is { } value && value is > 0 and <= Most)
            {
                return value;
            }

            result.AddError($"{Name} is '{given}', expected a number above 0, at most {Most}, and a percent sign, such as 5%.");
            return default;
        },
    };
}
