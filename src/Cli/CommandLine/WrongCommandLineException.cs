namespace SpanRnn.Cli.CommandLine;

/// <summary>A command line that cannot be right for the model that it names, which is known only once that has been read.</summary>
/// <param name="sentence">What was given and what was expected.</param>
internal sealed class WrongCommandLineException(string sentence) : Exception(sentence);
