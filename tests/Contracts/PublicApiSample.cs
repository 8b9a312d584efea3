namespace SpanRnn.Tests;

/// <summary>One of each kind of member, for the test of the printer.</summary>
public abstract class PublicApiSample<T>(T[] values) : MarshalByRefObject, IDisposable
    where T : unmanaged, IComparable<T>
{
    public const float Half = 0.5f;

    protected static readonly float Quarter = 0.25f;

    private readonly T[] _values = values;

    public delegate T Draw<TFrom>(TFrom from)
        where TFrom : class, new();

    public event EventHandler<int>? Changed;

    public enum Order : byte
    {
        First = 1,
        Second = 2,
    }

    public required int Size { get; init; }

    public string Name { get; protected set; } = "";

    internal int Hidden => _values.Length;

    public ref T this[int index, StringComparison by = StringComparison.Ordinal] => ref _values[index + (int)by];

    public static PublicApiSample<T> operator +(PublicApiSample<T> a, PublicApiSample<T> b) => a.Size > b.Size ? a : b;

    public static (int Count, T Value) Both(T value) => (1, value);

    public static int Length<TKernel>(TKernel kernel, scoped ref ReadOnlySpan<T> of, params ReadOnlySpan<int> more)
        where TKernel : struct, IComparable<T>, allows ref struct => kernel.CompareTo(of[0]) + more.Length;

    public void Fill(ReadOnlyMemory<float> memory = default, int? count = null, string name = "x", bool clear = true) =>
        Changed?.Invoke(this, memory.Length + (count ?? 0) + name.Length + (clear ? 1 : 0));

    public virtual void Dispose()
    {
        Name = "";
        GC.SuppressFinalize(this);
    }

    public override string ToString() => Name;

    protected abstract ref readonly T Peek(in T first, ref T second, out T third);

    public readonly record struct Pair(T Left, int Right);
}
