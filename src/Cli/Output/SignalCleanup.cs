using System.Runtime.InteropServices;

namespace SpanRnn.Cli.Output;

/// <summary>Cleans up before Ctrl-C, SIGTERM or SIGHUP ends the process, which no finally block sees.</summary>
internal sealed class SignalCleanup : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;

    /// <summary>Listens from now on.</summary>
    /// <param name="cleanup">Called on a thread of its own; the signal then has its usual effect.</param>
    public SignalCleanup(Action cleanup) => _registrations =
    [
        .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }
            .Select(signal => PosixSignalRegistration.Create(signal, _ => cleanup())),
    ];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }
    }
}
