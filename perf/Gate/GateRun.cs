using System.Diagnostics;

namespace SpanRnn.Perf;

/// <summary>Measures cases of two builds in turn, each time in a new process.</summary>
/// <param name="baseAssembly">The program of the base.</param>
/// <param name="assembly">The program of the working tree.</param>
/// <param name="rounds">Rounds of four processes each.</param>
/// <param name="error">Receives the progress.</param>
/// <param name="stop">Stops the run.</param>
internal sealed class GateRun(string baseAssembly, string assembly, int rounds, TextWriter error, CancellationToken stop)
{
    /// <summary>Names of all cases that the base knows.</summary>
    public string[] BaseNames() =>
        Measure(baseAssembly, []).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Measures the named cases; those in <paramref name="added"/> in the working tree only.</summary>
    public IReadOnlyList<CaseFigures> Look(IReadOnlyList<string> names, IReadOnlyCollection<string> added)
    {
        CaseFigures[] cases =
        [
            .. names.Select(name => new CaseFigures(name, added.Contains(name) ? [] : Nothing(), Nothing(), double.NaN)),
        ];
        long start = Stopwatch.GetTimestamp();
        for (int round = 0; round < rounds; round++)
        {
            // A B B A and B A A B alternate, so that a machine that slows down or recovers affects both sides alike.
            bool baseOutside = round % 2 == 0;
            for (int turn = 0; turn < 4; turn++)
            {
                bool isBase = (turn is 0 or 3) == baseOutside;
                int process = (2 * round) + (turn / 2);
                Record(cases, isBase, process, Measure(isBase ? baseAssembly : assembly, names));
            }

            if (round == 0)
            {
                double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds * (rounds - 1);
                error.WriteLine($"{rounds} rounds of 4 processes, {names.Count} cases: about {Math.Ceiling(seconds)} s to go.");
            }
        }

        return cases;
    }

    // A figure that never comes stays not a number, and its case fails.
    private double[] Nothing()
    {
        double[] times = new double[2 * rounds];
        times.AsSpan().Fill(double.NaN);
        return times;
    }

    private static void Record(CaseFigures[] cases, bool isBase, int process, string output)
    {
        foreach (string line in output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var figure = Figure.Parse(line);
            int index = Array.FindIndex(cases, known => known.Name == figure.Case);
            if (index < 0 || (isBase && cases[index].IsNew))
            {
                continue;
            }

            if (isBase)
            {
                cases[index].BaseTimes[process] = figure.Nanoseconds;
            }
            else
            {
                cases[index].Times[process] = figure.Nanoseconds;
                bool isMore = !(figure.Bytes <= cases[index].Bytes);
                cases[index] = cases[index] with { Bytes = isMore ? figure.Bytes : cases[index].Bytes };
            }
        }
    }

    private string Measure(string program, IReadOnlyList<string> names)
    {
        (int exitCode, string output, string problem) = ChildProcess.Run(
            AppContext.BaseDirectory, ChildProcess.DotNet, [program, MeasureCommand.Name, .. names], stop);
        return exitCode == 0
            ? output
            : throw new PerfException(
                $"The {(program == assembly ? "working tree" : "base")} was not measured (exit code {exitCode}): "
                + ChildProcess.FirstLine(problem));
    }
}
