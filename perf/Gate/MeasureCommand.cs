using System.CommandLine;

namespace SpanRnn.Perf;

/// <summary>
/// One measuring process of the gate. The gate of a later revision calls it and reads its output: the names of all cases, one per
/// line, or a <see cref="Figure"/> for each of the named cases. Unknown names are skipped.
/// </summary>
internal static class MeasureCommand
{
    public const string Name = "measure";

    public static Command Create(TextWriter output)
    {
        var names = new Argument<string[]>("case") { Arity = ArgumentArity.ZeroOrMore };
        var command = new Command(Name, "Measures cases of the gate, which calls this.") { Hidden = true };
        command.Add(names);
        command.SetAction(result => Run(result.GetValue(names) ?? [], output));
        return command;
    }

    private static int Run(string[] names, TextWriter output)
    {
        foreach (GateCase gateCase in GateCases.All)
        {
            if (names.Length == 0)
            {
                output.WriteLine(gateCase.Name);
            }
            else if (names.Contains(gateCase.Name))
            {
                // Other programs on the machine make a batch slower, never faster.
                var timing = Timing.Measure(gateCase.Prepare());
                output.WriteLine(new Figure(gateCase.Name, timing.Minimum, timing.Allocated));
            }
        }

        return Application.Success;
    }
}
