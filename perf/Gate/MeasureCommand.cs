using System.CommandLine;

namespace SpanRnn.Perf;

/// <summary>
/// One measuring process of the gate. The gate of a later revision calls it and reads what it writes: the names of all cases, one to
/// a line, or a <see cref="Figure"/> for each of the cases named; a name that it does not know is passed over.
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
                // What else runs on the machine makes a batch slower, never faster.
                var timing = Timing.Measure(gateCase.Prepare());
                output.WriteLine(new Figure(gateCase.Name, timing.Minimum, timing.Allocated));
            }
        }

        return Application.Success;
    }
}
