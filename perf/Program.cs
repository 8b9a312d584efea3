return SpanRnn.Perf.Application.Run(args, Console.Out, Console.Error);
