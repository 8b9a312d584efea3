return SpanRnn.Cli.Application.Run(args, Console.Out, Console.Error);
