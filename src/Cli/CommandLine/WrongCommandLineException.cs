namespace SpanRnn.Cli.CommandLine;

/// <summary>A command line whose parts are right each and wrong together, or wrong for the model that it names.</summary>
/// <param name="sentence">What was found and what was expected.</param>
internal sealed class WrongCommandLineException(string sentence) : Exception(sentence);
