using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;

[assembly: SpanRnn.Tests.SameDraws]

namespace SpanRnn.Tests;

/// <summary>
/// The draws of FsCheck's properties: the same in every run, or new ones in each if the variable SPANRNN_FRESH_DRAWS has a value, which
/// may be the number of draws of every <see cref="PropertyAttribute"/>.
/// </summary>
internal static class Properties
{
    public const string Variable = "SPANRNN_FRESH_DRAWS";

    private const ulong Seed = 20251122;

    // A generator of random numbers has a second seed, which is odd.
    private const ulong Gamma = 1;

    /// <summary>Seeds as FsCheck's attributes take them; null if every run draws afresh.</summary>
    public static string? Replay => IsFresh ? null : $"{Seed},{Gamma}";

    private static bool IsFresh => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable));

    /// <summary>Number of draws of a <see cref="PropertyAttribute"/> that usually makes <paramref name="usual"/> of them.</summary>
    public static int Count(int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable(Variable), NumberStyles.None, CultureInfo.InvariantCulture, out int count)
        && count > 0 ? count : usual;

    /// <summary>
    /// A property inside a test, for draws that no attribute can name: runs the check on <paramref name="count"/> of them, from the seeds
    /// of every <see cref="PropertyAttribute"/>. A failure names the draw and the seeds.
    /// </summary>
    public static void Hold<T>(Gen<T> draws, Action<T> check, int count) => Prop
        .ForAll(Arb.From(draws), check)
        .Check(Config.QuickThrowOnFailure
            .WithQuietOnSuccess(true)
            .WithMaxTest(count)
            .WithReplay(IsFresh ? FSharpOption<Replay>.None : new Replay(new Rnd(Seed, Gamma), FSharpOption<int>.None)));
}
