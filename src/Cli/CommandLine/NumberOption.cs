using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace SpanRnn.Cli.CommandLine;

/// <summary>Options whose value is a number within limits.</summary>
internal static class NumberOption
{
    /// <summary>Makes an option.</summary>
    /// <param name="name">Its name on the command line.</param>
    /// <param name="description">Its line in the help.</param>
    /// <param name="placeholder">The word for the number in the help.</param>
    /// <param name="expected">The limits in words.</param>
    /// <param name="isValid">The limits as a condition.</param>
    public static Option<T> Create<T>(string name, string description, string placeholder, string expected, Func<T, bool> isValid)
        where T : struct, INumber<T> => new(name)
        {
            Description = description,
            HelpName = placeholder,
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = result =>
            {
                string given = result.Tokens[0].Value;
                if (Parse<T>(given) is { } value && isValid(value))
                {
                    return value;
                }

                result.AddError($"{name} is '{given}', expected {expected}.");
                return default;
            },
        };

    /// <summary>Makes an option for a whole number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    public static Option<long> Whole(string name, string description, long least, long most = long.MaxValue) => Create<long>(
        name,
        description,
        "N",
        most == long.MaxValue ? $"a whole number, {least} or more" : $"a whole number from {least} to {most}",
        value => value >= least && value <= most);

    /// <summary>Makes the option --seed.</summary>
    public static Option<ulong> Seed(string description = "The seed; 0 is the default.") =>
        Create<ulong>("--seed", description, "N", "a whole number, 0 or more", _ => true);

    /// <summary>Reads a number without a sign, such as 48000 or 48e3, the same under every culture; null for any other text.</summary>
    public static T? Parse<T>(string text)
        where T : struct, INumber<T> =>
        T.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out T value)
            ? value
            : null;
}
