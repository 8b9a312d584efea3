using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Matrices;

/// <summary>
/// The right-hand side B of a product, re-laid: columns stand together in panels of two registers' width, a panel's rows one behind the
/// other, so that a product reads it from the first to the last byte. What is missing in the last panel is zero.
/// </summary>
internal readonly ref struct Panels<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly ref T _origin;

    /// <summary>Panels of B [rows, columns] in memory of <see cref="Length"/> numbers.</summary>
    public Panels(ReadOnlySpan<T> memory, int rows, int columns)
    {
        Debug.Assert(memory.Length >= (long)rows * columns, "The memory is too short for the panels.");
        _origin = ref MemoryMarshal.GetReference(memory);
        Rows = rows;
        Columns = columns;
    }

    /// <summary>The first number of the first panel.</summary>
    public ref T Origin => ref _origin;

    /// <summary>Rows of B: terms of each sum.</summary>
    public int Rows { get; }

    /// <summary>Columns of B.</summary>
    public int Columns { get; }

    /// <summary>Numbers that panels of B [rows, columns] take, whatever the width of the registers.</summary>
    public static long Length(int rows, int columns)
    {
        int widest = 128 / Unsafe.SizeOf<T>();
        return rows * (((long)columns + widest - 1) / widest * widest);
    }

    /// <summary>Lays <paramref name="b"/> into <paramref name="memory"/>.</summary>
    public static Panels<T> Pack(MatrixView<T> b, Span<T> memory)
    {
        Panels<T> panels = new(memory, b.Rows, b.Columns);
        Dispatch.Run<T, PackKernel<T>>(new PackKernel<T>(b, memory));
        return panels;
    }
}
