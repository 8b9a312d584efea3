using SpanRnn.Cli;
using SpanRnn.Cli.Output;

Console.SetOut(StandardStream.Writer(StandardStream.OpenOutput(), "the standard output"));
return Application.Run(args, Console.Out, Console.Error);
