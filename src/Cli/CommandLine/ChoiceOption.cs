using System.CommandLine;

namespace SpanRnn.Cli.CommandLine;

/// <summary>An option whose value is one of a few words.</summary>
internal static class ChoiceOption
{
    /// <summary>The option; its value is the default of T where it is not given.</summary>
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
