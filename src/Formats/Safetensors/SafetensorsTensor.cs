using System.Numerics;
using SpanRnn.Formats.Model;
using SpanRnn.Formats.Safetensors;

namespace SpanRnn;

/// <summary>One tensor of a <see cref="SafetensorsFile"/>; it keeps the file's bytes alive.</summary>
public sealed class SafetensorsTensor
{
    private readonly string _file;
    private readonly int[] _shape;
    private readonly ReadOnlyMemory<byte> _data;

    internal SafetensorsTensor(string file, string name, string dtype, int[] shape, ReadOnlyMemory<byte> data)
    {
        _file = file;
        _shape = shape;
        _data = data;
        Name = name;
        Dtype = dtype;
        Length = data.Length / SafetensorsDtype.Sizes[dtype];
    }

    /// <summary>The name in the file.</summary>
    public string Name { get; }

    /// <summary>The element type by its name in the format, such as "F32".</summary>
    public string Dtype { get; }

    /// <summary>The sizes, slowest first; empty for a scalar.</summary>
    public ReadOnlySpan<int> Shape => _shape;

    /// <summary>The number of elements, the product of the shape.</summary>
    public int Length { get; }

    /// <summary>The values as they are stored.</summary>
    internal ReadOnlyMemory<byte> Data => _data;

    /// <summary>destination ← the values, row-major; numbers wider than T are rounded to the nearest.</summary>
    /// <param name="destination">[<see cref="Length"/>] out.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> has another length.</exception>
    /// <exception cref="ModelFormatException">The element type is none of F64, F32, F16 and BF16.</exception>
    /// <remarks>Allocates a little; not for a real-time thread.</remarks>
    public void CopyTo<T>(Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (destination.Length != Length)
        {
            throw new ArgumentException(
                $"'destination' has {destination.Length} elements, expected {Length}, the length of the tensor '{Name}'.",
                nameof(destination));
        }

        Source(1, Length).CopyTo(destination);
    }

    /// <summary>Refuses element types that no parameter has, such as whole numbers.</summary>
    internal void CheckIsReal() => _ = ElementType;

    /// <summary>Makes a parameter of the whole tensor.</summary>
    internal ParameterSource Source(int rows, int columns) => ParameterSource.Of(Name, _shape, ElementType, _data, rows, columns);

    private ElementType ElementType => ElementTypes.Find(Dtype) ?? throw new ModelFormatException(
        _file, $"tensor {ModelFormatException.Quote(Name)} has dtype {Dtype}, expected F64, F32, F16 or BF16.");
}
