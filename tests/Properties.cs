using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace SpanRnn.Tests;

/// <summary>FsCheck's properties from a [Fact], with a fixed seed: every run draws the same.</summary>
internal static class Properties
{
    /// <summary>Runs the check on <paramref name="count"/> draws; the failure names the draw, shrunk where its generator can.</summary>
    public static void Hold<T>(Gen<T> draws, Action<T> check, int count = 100) => Prop
        .ForAll(draws.ToArbitrary(), check)
        .Check(Config.QuickThrowOnFailure
            .WithQuietOnSuccess(true)
            .WithMaxTest(count)
            .WithReplay(new Replay(new Rnd(20251122, 1), FSharpOption<int>.None)));
}
