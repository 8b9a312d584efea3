using System.Numerics;
using SpanRnn.Cells.Training.Loop;
using SpanRnn.Core;

namespace SpanRnn;

/// <summary>A batch of sequences with their targets or labels. The same object and its memory serve one batch after another.</summary>
/// <remarks>
/// Call <see cref="Set"/> for the shape, then write the spans that are not empty. Numbers beyond a sequence's length, and targets or labels
/// of steps that are not counted, are never read. Belongs to one thread at a time.
/// </remarks>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class Batch<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private T[] _inputs = [];
    private int[] _symbols = [];
    private T[] _targets = [];
    private int[] _labels = [];
    private T[] _weights = [];

    /// <summary>Makes an empty batch.</summary>
    /// <param name="spec">The network to train.</param>
    /// <param name="loss">The loss to train with: softmax cross-entropy takes labels, the others targets.</param>
    /// <param name="symbols">True if the input is symbols: an index per step, for an embedding or, without one, one-hot.</param>
    /// <exception cref="ArgumentException">The network has an embedding and <paramref name="symbols"/> is false.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="loss"/> is not a value of Loss.</exception>
    public Batch(NetworkSpec spec, Loss loss, bool symbols)
        : this(new DataShape(spec, loss, symbols))
    {
    }

    internal Batch(DataShape shape)
    {
        Guard.Precision<T>();
        Shape = shape;
    }

    /// <summary>Steps, sequences and their lengths, as given to <see cref="Set"/>.</summary>
    public SequenceLayout Layout { get; } = new();

    /// <summary>[T, N, I], time-major; empty if the input is symbols.</summary>
    public Span<T> Inputs => _inputs.AsSpan(0, Shape.HasSymbols ? 0 : Layout.Steps * Layout.Batch * Shape.InputSize);

    /// <summary>[T, N], each from 0 to Spec.Symbols − 1; empty if the input is numbers.</summary>
    public Span<int> Symbols => _symbols.AsSpan(0, Shape.HasSymbols ? Layout.Steps * Layout.Batch : 0);

    /// <summary>
    /// [T, N, O], or [N, O] with one output per sequence, for binary cross-entropy each from 0 to 1; empty if the loss takes labels.
    /// </summary>
    public Span<T> Targets => _targets.AsSpan(0, Shape.HasLabels ? 0 : Outputs(Layout) * Shape.OutputSize);

    /// <summary>
    /// [T, N], or [N] with one output per sequence, each from 0 to O − 1, or negative if the output does not count; empty if the loss takes
    /// targets.
    /// </summary>
    public Span<int> Labels => _labels.AsSpan(0, Shape.HasLabels ? Outputs(Layout) : 0);

    /// <summary>True if outputs count by their <see cref="Weights"/>, false if all count alike.</summary>
    public bool IsWeighted
    {
        get;
        set
        {
            field = value;
            Grow(Layout);
        }
    }

    /// <summary>
    /// [T, N], or [N] with one output per sequence, each finite and 0 or more; with 0 the target or label is not read. Empty unless
    /// <see cref="IsWeighted"/>.
    /// </summary>
    public Span<T> Weights => _weights.AsSpan(0, IsWeighted ? Outputs(Layout) : 0);

    /// <summary>0 if the sequences start here; k if they go on from the final states of the k-th step before this one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int Carry
    {
        get;
        set => field = Guard.NotNegative(value, nameof(Carry));
    }

    /// <summary>
    /// Number of steps, this one included, whose final states are kept for batches that carry on: the largest Carry to come. With 0 none
    /// are kept, and those kept before are dropped.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int Keep
    {
        get;
        set => field = Guard.NotNegative(value, nameof(Keep));
    }

    /// <summary>
    /// First step that the loss counts. Earlier steps are there so that the gradient of counted steps goes back through them. 0 with one
    /// output per sequence.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public int FirstCounted
    {
        get;
        set => field = Guard.NotNegative(value, nameof(FirstCounted));
    }

    /// <summary>Sizes and kinds of input and output.</summary>
    internal DataShape Shape { get; }

    /// <summary>The shape that <see cref="Reserve"/> made room for.</summary>
    internal SequenceLayout Largest { get; } = new();

    /// <summary>Sets the shape; the content is undefined then. Allocates only what is larger than ever before.</summary>
    /// <param name="steps">T, of the longest sequence or more.</param>
    /// <param name="lengths">[N] in, each from 0 to T; a sequence of 0 steps counts for nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException">A length is not from 0 to T.</exception>
    /// <exception cref="OverflowException">An array would have more than 2³¹ − 1 numbers.</exception>
    public void Set(int steps, ReadOnlySpan<int> lengths)
    {
        Layout.Set(steps, lengths);
        Grow(Layout);
    }

    /// <summary>
    /// Makes room for batches of up to so many steps, sequences and rows (the sum of the lengths), here and in the trainer at its next
    /// step: none of them allocates later. The content is undefined then.
    /// </summary>
    /// <inheritdoc cref="Set"/>
    public void Reserve(int steps, ReadOnlySpan<int> lengths)
    {
        Largest.Set(steps, lengths);
        Set(steps, lengths);
    }

    private int Outputs(SequenceLayout layout) => Shape.LastStep ? layout.Batch : layout.Steps * layout.Batch;

    private void Grow(SequenceLayout layout)
    {
        int places = layout.Steps * layout.Batch;
        Arrays.MakeRoom(ref _inputs, Shape.HasSymbols ? 0 : checked(places * Shape.InputSize));
        Arrays.MakeRoom(ref _symbols, Shape.HasSymbols ? places : 0);
        Arrays.MakeRoom(ref _targets, Shape.HasLabels ? 0 : checked(Outputs(layout) * Shape.OutputSize));
        Arrays.MakeRoom(ref _labels, Shape.HasLabels ? Outputs(layout) : 0);
        Arrays.MakeRoom(ref _weights, IsWeighted ? Outputs(layout) : 0);
    }
}
