namespace SpanRnn.Cli.CommandLine;

/// <summary>A command line whose options contradict each other or the model.</summary>
/// <param name="sentence">What was found and what was expected.</param>
internal sealed class WrongCommandLineException(string sentence) : Exception(sentence);
