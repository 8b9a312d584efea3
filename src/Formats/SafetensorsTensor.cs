using System.Numerics;

namespace SpanRnn.Formats;

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

    /// <summary>The element type by the format's name, such as "F32".</summary>
    public string Dtype { get; }

    /// <summary>The sizes, slowest first; empty for a scalar.</summary>
    public ReadOnlySpan<int> Shape => _shape;

    /// <summary>The number of elements, the product of the shape.</summary>
    public int Length { get; }

    /// <summary>destination ← the values, row-major; F64 is rounded to the nearest where T is narrower.</summary>
    /// <param name="destination">[<see cref="Length"/>] out.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> has another length.</exception>
    /// <exception cref="ModelFormatException">The element type is neither F32 nor F64.</exception>
    /// <remarks>Allocates one copy of the tensor; not for a real-time thread.</remarks>
    public void CopyTo<T>(Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (destination.Length != Length)
        {
            throw new ArgumentException(
                $"'destination' has {destination.Length} elements, expected {Length}, the length of the tensor '{Name}'.",
                nameof(destination));
        }

        switch (Dtype)
        {
            case SafetensorsDtype.Single:
                Convert<float, T>(_data.Span, destination);
                break;
            case SafetensorsDtype.Double:
                Convert<double, T>(_data.Span, destination);
                break;
            default:
                throw new ModelFormatException(
                    _file, $"tensor {ModelFormatException.Quote(Name)} has dtype {Dtype}, expected F32 or F64.");
        }
    }

    private static void Convert<TStored, T>(ReadOnlySpan<byte> data, Span<T> destination)
        where TStored : unmanaged, IBinaryFloatingPointIeee754<TStored>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        TStored[] values = LittleEndian.Read<TStored>(data);
        for (int i = 0; i < values.Length; i++)
        {
            destination[i] = T.CreateTruncating(values[i]);
        }
    }
}
