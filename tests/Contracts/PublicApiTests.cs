using System.Reflection;

namespace SpanRnn.Tests;

/// <summary>The public API of each library is the one in tests/PublicApi.</summary>
public class PublicApiTests
{
    /// <summary>Variable that, set to 1, has files that differ rewritten; the test fails all the same, so that somebody looks.</summary>
    private const string AcceptVariable = "SPANRNN_ACCEPT_API";

    private const string AcceptCommand = $"dotnet test tests -c Release --filter PublicApi -e {AcceptVariable}=1";

    [Theory]
    [InlineData("SpanRnn.Core")]
    [InlineData("SpanRnn.Cells")]
    [InlineData("SpanRnn.Formats")]
    [InlineData("SpanRnn.Tasks")]
    public void The_API_is_the_one_that_was_reviewed(string assembly)
    {
        string file = Repository.PathOf("tests", "PublicApi", assembly + ".txt");
        string[] current = PublicApi.Print(Assembly.Load(assembly));
        string[] difference = PublicApi.Difference(File.Exists(file) ? File.ReadAllLines(file) : [], current);
        if (difference.Length == 0)
        {
            return;
        }

        string lines = string.Join('\n', difference);
        if (Environment.GetEnvironmentVariable(AcceptVariable) == "1")
        {
            File.WriteAllText(file, string.Concat(current.Select(line => line + "\n")));
            Assert.Fail($"tests/PublicApi/{assembly}.txt was rewritten: review it and run again.\n{lines}");
        }

        Assert.Fail(
            $"The API of {assembly} (+) is not the one in tests/PublicApi/{assembly}.txt (-). "
            + $"If it is meant to change: {AcceptCommand}\n{lines}");
    }

    [Fact]
    public void A_difference_shows_what_is_gone_and_what_is_new() =>
        Assert.Equal(
            ["  class A", "-     int Gone()", "+     int New()", "+ class B", "+     int Of()", "- class D"],
            PublicApi.Difference(
                ["class A", "    int Gone()", "    int Kept()", "class C", "    int Kept()", "class D"],
                ["class A", "    int Kept()", "    int New()", "class B", "    int Of()", "class C", "    int Kept()"]));

    [Fact]
    public void Equal_lines_have_no_difference() =>
        Assert.Empty(PublicApi.Difference(["class A", "    int M()"], ["class A", "    int M()"]));

    [Fact]
    public void A_class_is_printed_with_all_that_others_can_see() =>
        Assert.Equal(
            [
                "public abstract class SpanRnn.Tests.PublicApiSample<T> : MarshalByRefObject, IDisposable"
                    + " where T : unmanaged, IComparable<T>",
                "    protected PublicApiSample(T[] values)",
                "    protected abstract ref readonly T Peek(in T first, ref T second, out T third)",
                "    protected static readonly float Quarter",
                "    public const float Half = 0.5",
                "    public event EventHandler<int> Changed",
                "    public override string ToString()",
                "    public ref T this[int index, StringComparison by = StringComparison.Ordinal] { get; }",
                "    public required int Size { get; init; }",
                "    public static (int, T) Both(T value)",
                "    public static PublicApiSample<T> op_Addition(PublicApiSample<T> a, PublicApiSample<T> b)",
                "    public static int Length<TKernel>(TKernel kernel, scoped ref ReadOnlySpan<T> of, params ReadOnlySpan<int> more)"
                    + " where TKernel : struct, IComparable<T>, allows ref struct",
                "    public string Name { get; protected set; }",
                "    public virtual void Dispose()",
                "    public void Fill(ReadOnlyMemory<float> memory = default, int? count = null, string name = \"x\", bool clear = true)",
            ],
            PublicApi.Print(typeof(PublicApiSample<>)));

    [Fact]
    public void Other_kinds_of_types_are_printed() =>
        Assert.Equal(
            [
                "public enum SpanRnn.Tests.PublicApiSample<T>.Order : byte",
                "    First = 1",
                "    Second = 2",
                "public delegate T SpanRnn.Tests.PublicApiSample<T>.Draw<TFrom>(TFrom from)"
                    + " where T : unmanaged, IComparable<T> where TFrom : class, new()",
                "public readonly record struct SpanRnn.Tests.PublicApiSample<T>.Pair : IEquatable<PublicApiSample<T>.Pair>"
                    + " where T : unmanaged, IComparable<T>",
                "    public Pair(T Left, int Right)",
                "    public T Left { get; init; }",
                "    public int Right { get; init; }",
            ],
            new[] { typeof(PublicApiSample<>.Order), typeof(PublicApiSample<>.Draw<>), typeof(PublicApiSample<>.Pair) }
                .SelectMany(PublicApi.Print));
}
