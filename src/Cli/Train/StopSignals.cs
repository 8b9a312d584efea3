using System.Diagnostics;
using System.Runtime.InteropServices;
using SpanRnn.Cli.Output;

namespace SpanRnn.Cli.Train;

/// <summary>Signals that ask a run to stop between two steps: Ctrl-C, SIGTERM, and SIGHUP, which a closed terminal sends.</summary>
internal sealed class StopSignals : IDisposable
{
    // A program such as timeout sends one signal twice in a row; no person presses Ctrl-C that fast.
    private static readonly TimeSpan _sameSignal = TimeSpan.FromMilliseconds(50);

    private readonly Terminal _terminal;
    private readonly PosixSignalRegistration[] _registrations;
    private readonly ManualResetEventSlim _isKept = new();
    private long _first;

    /// <summary>Listens from now on.</summary>
    /// <param name="terminal">Where a person is told what the first Ctrl-C does, since a step may take seconds.</param>
    public StopSignals(Terminal terminal)
    {
        _terminal = terminal;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop),
        ];
    }

    /// <summary>True once a signal has come.</summary>
    public bool HaveCome => Volatile.Read(ref _first) != 0;

    /// <summary>Gives the signals their usual effect again. Called when all that is kept is written.</summary>
    public void Dispose()
    {
        _isKept.Set();
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        _isKept.Dispose();
    }

    private void Stop(PosixSignalContext context)
    {
        long before = Interlocked.CompareExchange(ref _first, Stopwatch.GetTimestamp(), 0);
        if (before == 0 && context.Signal == PosixSignal.SIGINT && _terminal.IsInteractive)
        {
            _terminal.WriteError("stopping after this step; another Ctrl-C ends the run at once and keeps nothing newer.");
        }

        // A second Ctrl-C has its usual effect: the process ends at once.
        context.Cancel = context.Signal != PosixSignal.SIGINT || before == 0 || Stopwatch.GetElapsedTime(before) < _sameSignal;
        if (OperatingSystem.IsWindows() && context.Signal != PosixSignal.SIGINT)
        {
            // Windows ends the process when this method returns.
            _isKept.Wait();
        }
    }
}
