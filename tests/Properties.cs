using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

namespace SpanRnn.Tests;

/// <summary>FsCheck's properties from a [Fact], with a fixed seed: every run draws the same.</summary>
internal static class Properties
{
    /// <summary>
    /// Runs the check on <paramref name="count"/> draws. A failure names the draw; if <paramref name="shrink"/> makes smaller draws, it
    /// also names the smallest that fails.
    /// </summary>
    public static void Hold<T>(Gen<T> draws, Action<T> check, int count = 100, Func<T, IEnumerable<T>>? shrink = null) => Prop
        .ForAll(Arb.From(draws, shrink ?? (_ => [])), check)
        .Check(Config.QuickThrowOnFailure
            .WithQuietOnSuccess(true)
            .WithMaxTest(count)
            .WithReplay(new Replay(new Rnd(20251122, 1), FSharpOption<int>.None)));
}
