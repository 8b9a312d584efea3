using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SpanRnn.Cells.Description;
using SpanRnn.Cells.Equations;
using SpanRnn.Cells.Sequences;

namespace SpanRnn.Cells.Inference;

/// <summary>A <see cref="PoolLayer"/>, whose state is in the memory of a stream.</summary>
internal sealed class PackedPool : PackedRows
{
    private readonly PoolFunction<float> _function;
    private readonly int _size;
    private readonly int _pooledOffset;
    private readonly int _countOffset;

    /// <summary>Creates the layer of a description.</summary>
    /// <param name="layer">The description.</param>
    /// <param name="kind">What is taken from the steps.</param>
    /// <param name="outputOffset">Offset of its output in a stream's memory.</param>
    /// <param name="pooledOffset">Offset of what there is so far.</param>
    /// <param name="countOffset">Offset of the number of steps, or −1 if the layer does not count.</param>
    public PackedPool(StackLayer layer, Pooling kind, int outputOffset, int pooledOffset, int countOffset)
        : base(outputOffset)
    {
        _function = new PoolFunction<float>(kind);
        _size = layer.OutputSize;
        _pooledOffset = pooledOffset;
        _countOffset = countOffset;
    }

    /// <inheritdoc/>
    public override int Width => Padded(_size);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Step(ref readonly float x, ref float memory, ref float scratch, bool backwards)
    {
        Add(MemoryMarshal.CreateReadOnlySpan(in x, _size), ref memory);
        Value(ref memory, MemoryMarshal.CreateSpan(ref Unsafe.Add(ref memory, OutputOffset), _size));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in PackedCall call)
    {
        BatchShape shape = call.Shape;
        for (int step = 0; step < shape.Steps; step++)
        {
            int live = shape.Live(step);
            int first = shape.First(step, live);
            for (int sortedIndex = 0; sortedIndex < live; sortedIndex++)
            {
                Add(call.X.Row(first + sortedIndex), ref call.States[shape.Sequence(sortedIndex)].Origin);
            }
        }

        for (int sequence = 0; sequence < call.States.Length; sequence++)
        {
            Value(ref call.States[sequence].Origin, call.Y.Row(sequence)[.._size]);
        }
    }

    private void Add(ReadOnlySpan<float> x, ref float memory)
    {
        float unused = 0;
        ref float count = ref _countOffset < 0 ? ref unused : ref Unsafe.Add(ref memory, _countOffset);
        _function.Add(x, MemoryMarshal.CreateSpan(ref Unsafe.Add(ref memory, _pooledOffset), _size), ref count);
    }

    private void Value(ref float memory, Span<float> y)
    {
        float count = _countOffset < 0 ? 0 : Unsafe.Add(ref memory, _countOffset);
        _function.Value(MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref memory, _pooledOffset), _size), count, y);
        Flush(y, y);
    }
}
