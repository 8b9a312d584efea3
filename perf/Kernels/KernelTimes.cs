namespace SpanRnn.Perf;

/// <summary>Timings of a kernel, without its memory: the kernel first, then its peers, then its limit if there is one.</summary>
/// <param name="Of">The case.</param>
/// <param name="Timings">All of them, in turn.</param>
/// <param name="Peers">Names of the peers that were timed.</param>
/// <param name="Missing">Names of the peers that are not installed.</param>
/// <param name="Limit">Limit of the kernel, if it has one.</param>
/// <param name="Operations">Floating-point operations of one call, 0 if they are not counted.</param>
/// <param name="Bytes">Bytes that one call must read, 0 if they are not counted.</param>
/// <param name="Error">Largest error as a fraction of its tolerance.</param>
internal sealed record KernelTimes(
    KernelCase Of, Timing[] Timings, string[] Peers, string[] Missing, Limit? Limit, double Operations, double Bytes, double Error)
{
    /// <summary>The figure, for the best issue rate of the whole run.</summary>
    public KernelFigure Figure(double bestRate)
    {
        Timing time = Timings[0];
        return new KernelFigure(
            Of.Kernel,
            Of.Size,
            Of.Precision,
            time.Median,
            time.Minimum,
            time.ByState(bestRate),
            Operations > 0 ? Operations / time.Median : null,
            Bytes > 0 ? Bytes / time.Median : null,
            Limit is null ? null : Against(Limit, BesideFigure.Of(Timings[^1], time, bestRate)),
            time.Allocated,
            Error,
            [
                .. Peers.Select((peer, i) => Against(peer, Timings[i + 1], time, bestRate)),
                .. Missing.Select(name => new PeerFigure(name, null, null, null, null, null)),
            ]);
    }

    private static PeerFigure Against(string peer, Timing other, Timing time, double bestRate)
    {
        var beside = BesideFigure.Of(other, time, bestRate);
        return new PeerFigure(peer, beside.Nanoseconds, beside.LeastNanoseconds, beside.Ratio, beside.ByState, other.Allocated);
    }

    private LimitFigure Against(Limit limit, BesideFigure beside)
    {
        double rate = limit.Amount / beside.Nanoseconds;
        double share = (limit.OfBytes ? Bytes : Operations) / limit.Amount;
        return new LimitFigure(
            limit.Name,
            limit.OfBytes ? null : rate,
            limit.OfBytes ? rate : null,
            share * beside.Ratio,
            share * beside.BestRatio,
            beside.ByState.Select(ratio => share * ratio));
    }
}
