using System.CommandLine;

namespace SpanRnn.Perf;

/// <summary>One run of a compare command: the options that all of them have, and the frame of their report.</summary>
internal sealed class CompareRun
{
    private readonly string _filter;
    private readonly TextWriter _error;
    private string? _first;
    private bool _hasCases;

    private CompareRun(string filter, bool isQuick, TextWriter error, CancellationToken stop)
    {
        (_filter, IsQuick, _error, Stop) = (filter, isQuick, error, stop);
    }

    /// <summary>True for a look with fewer and shorter batches.</summary>
    public bool IsQuick { get; }

    /// <summary>Ends the run.</summary>
    public CancellationToken Stop { get; }

    /// <summary>Makes a compare command.</summary>
    /// <param name="name">Its name on the command line.</param>
    /// <param name="description">Its line in the help.</param>
    /// <param name="example">A text that the help of --filter shows.</param>
    /// <param name="output">Takes the tables.</param>
    /// <param name="error">Takes the progress.</param>
    /// <param name="measure">
    /// Chooses its cases, checks and times them. The function that it returns makes the report's figures from the best issue rate of the
    /// run, which is known at the end.
    /// </param>
    public static Command Command(
        string name,
        string description,
        string example,
        TextWriter output,
        TextWriter error,
        Func<CompareRun, Func<double, Report>> measure)
    {
        Option<string?> json = ReportOptions.Json();
        Option<string?> page = ReportOptions.Page();
        Option<string> filter = ReportOptions.Filter(example);
        Option<bool> quick = ReportOptions.Quick();
        var command = new Command(name, description)
        {
            json,
            page,
            filter,
            quick,
        };
        command.SetAction((result, stop) =>
        {
            var files = new ReportFiles(result.GetValue(json), result.GetValue(page));
            var run = new CompareRun(result.GetValue(filter)!, result.GetValue(quick), error, stop);
            Func<double, Report> figures = measure(run);
            IssueRateFigure rates = IssueRates.OfThisRun.Figure();
            Report report = figures(rates.Best) with { IssueRate = rates };
            ReportTables.Write(report, output);
            files.Write(report);
            return Task.FromResult(Application.Success);
        });
        return command;
    }

    /// <summary>Chooses the cases that the filter asks for.</summary>
    public T[] Choose<T>(IEnumerable<T> cases, Func<T, string> name)
    {
        T[] all = [.. cases];
        T[] chosen = [.. all.Where(one => name(one).Contains(_filter, StringComparison.OrdinalIgnoreCase))];
        _first ??= name(all[0]);
        _hasCases |= chosen.Length > 0;
        return chosen;
    }

    /// <summary>Throws if no case was chosen, before anything is measured.</summary>
    public void CheckCases()
    {
        if (!_hasCases)
        {
            throw new PerfException($"No case has '{_filter}' in its name; the first is '{_first}'.");
        }
    }

    /// <summary>Measures each case and says which one is next.</summary>
    public TResult[] Measure<T, TResult>(T[] cases, Func<T, string> name, Func<T, TResult> measure)
    {
        var results = new TResult[cases.Length];
        for (int i = 0; i < cases.Length; i++)
        {
            _error.WriteLine($"{i + 1} of {cases.Length}: {name(cases[i])}");
            results[i] = measure(cases[i]);
        }

        return results;
    }
}
