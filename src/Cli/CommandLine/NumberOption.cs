using System.CommandLine;
using System.Globalization;
using System.Numerics;

namespace SpanRnn.Cli.CommandLine;

/// <summary>An option whose value is a number within limits.</summary>
internal static class NumberOption
{
    /// <summary>The option; its value is null where it is not given.</summary>
    /// <param name="name">Its name on the command line.</param>
    /// <param name="description">Its line in the help.</param>
    /// <param name="help">What stands for the number there.</param>
    /// <param name="expected">What the number has to be, in words.</param>
    /// <param name="isValid">The same as a condition.</param>
    public static Option<T?> Create<T>(string name, string description, string help, string expected, Func<T, bool> isValid)
        where T : struct, INumber<T> => new(name)
        {
            Description = description,
            HelpName = help,
            Arity = ArgumentArity.ExactlyOne,
            CustomParser = result =>
            {
                string given = result.Tokens[0].Value;
                if (Parse<T>(given) is { } value && isValid(value))
                {
                    return value;
                }

                result.AddError($"{name} is '{given}', expected {expected}.");
                return null;
            },
        };

    /// <summary>A whole number from <paramref name="least"/> on.</summary>
    public static Option<long?> Whole(string name, string description, long least, long most = long.MaxValue) => Create<long>(
        name,
        description,
        "N",
        most == long.MaxValue ? $"a whole number, {least} or more" : $"a whole number from {least} to {most}",
        value => value >= least && value <= most);

    /// <summary>The number that a text is under every culture; null where it is none.</summary>
    public static T? Parse<T>(string text)
        where T : struct, INumber<T>
    {
        NumberStyles exponent = typeof(T) == typeof(double) ? NumberStyles.AllowExponent : NumberStyles.None;
        return T.TryParse(text, NumberStyles.AllowDecimalPoint | exponent, CultureInfo.InvariantCulture, out T value) ? value : null;
    }
}
