using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Matrices;

/// <summary>
/// Second operand B of a product, packed: its columns are in panels, each two registers wide. The rows of a panel follow one another, so
/// a product reads B from the first to the last byte. Columns that the last panel lacks are zero.
/// </summary>
internal readonly ref struct Panels<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly ref T _origin;

    /// <summary>Views panels of B [rows, columns] in memory of <see cref="Length"/> numbers.</summary>
    public Panels(ReadOnlySpan<T> memory, int rows, int columns)
    {
        Debug.Assert(memory.Length >= (long)rows * columns, "The memory is too short for the panels.");
        _origin = ref MemoryMarshal.GetReference(memory);
        Rows = rows;
        Columns = columns;
    }

    /// <summary>First number of the first panel.</summary>
    public ref T Origin => ref _origin;

    /// <summary>Rows of B: terms of each sum.</summary>
    public int Rows { get; }

    /// <summary>Columns of B.</summary>
    public int Columns { get; }

    /// <summary>Length of the memory of panels of B [rows, columns], whatever the width of the registers.</summary>
    public static long Length(int rows, int columns)
    {
        int widest = 128 / Unsafe.SizeOf<T>();
        return rows * (((long)columns + widest - 1) / widest * widest);
    }

    /// <summary>Packs <paramref name="b"/> into <paramref name="memory"/>.</summary>
    public static Panels<T> Pack(MatrixView<T> b, Span<T> memory)
    {
        Panels<T> panels = new(memory, b.Rows, b.Columns);
        Dispatch.Run<T, PackKernel<T>>(new PackKernel<T>(b, memory));
        return panels;
    }
}
