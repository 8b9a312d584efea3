using System.CommandLine;

namespace SpanRnn.Cli.CommandLine;

/// <summary>Options whose value is one of a few words.</summary>
internal static class ChoiceOption
{
    /// <summary>Makes an option; its value is the default of T if it is not given.</summary>
    /// <param name="name">Its name on the command line.</param>
    /// <param name="description">Its line in the help.</param>
    /// <param name="choices">The words and what they mean.</param>
    public static Option<T> Create<T>(string name, string description, params (string Word, T Value)[] choices) => new(name)
    {
        Description = description,
        HelpName = string.Join('|', choices.Select(choice => choice.Word)),
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result =>
        {
            string given = result.Tokens[0].Value;
            foreach ((string word, T value) in choices)
            {
                if (word == given)
                {
                    return value;
                }
            }

            result.AddError($"{name} is '{given}', expected {string.Join(" or ", choices.Select(choice => choice.Word))}.");
            return default;
        },
    };
}
