using System.Globalization;
using System.Numerics;
using SpanRnn.Cells.Training.Loop;
using SpanRnn.Core;

namespace SpanRnn;

/// <summary>Sequences of any lengths with their targets or labels.</summary>
/// <remarks>
/// <para>The first sequence decides whether the input is numbers or symbols; a network with an embedding takes symbols. The length of a
/// sequence is the length of its input. An empty sequence is legal and not counted.</para>
/// <para>Every Add and AddBatch copies, and throws before anything is added: <see cref="ArgumentException"/> for a wrong length or for
/// data of the other kind, <see cref="ArgumentOutOfRangeException"/> for a symbol, a label, a target of binary cross-entropy or a weight
/// out of range. Inputs and the targets of the mean squared error may be any numbers; a NaN shows in the loss.</para>
/// <para>Any number of threads may read at the same time. Adding belongs to one thread, with no reader beside it.</para>
/// </remarks>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed partial class SequenceData<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly List<Sequence> _sequences = [];
    private readonly bool _needsSymbols;

    /// <summary>Makes an empty collection.</summary>
    /// <param name="spec">The network to train.</param>
    /// <param name="loss">The loss to train with: softmax cross-entropy takes labels, the others targets.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="loss"/> is not a value of Loss.</exception>
    public SequenceData(NetworkSpec spec, Loss loss)
    {
        Guard.Precision<T>();
        ArgumentNullException.ThrowIfNull(spec);
        _needsSymbols = spec.Embedding is not null;
        Shape = new DataShape(spec, loss, _needsSymbols);
    }

    // Sequences do not change, so collections share them.
    private SequenceData(SequenceData<T> source)
    {
        _needsSymbols = source._needsSymbols;
        Shape = source.Shape;
    }

    /// <summary>Number of sequences.</summary>
    public int Count => _sequences.Count;

    /// <summary>Steps of the longest sequence; 0 if there is none.</summary>
    public int LongestLength { get; private set; }

    /// <summary>Sizes and kinds of input and output. The kind of input is decided once there is a sequence.</summary>
    internal DataShape Shape { get; private set; }

    /// <summary>True if any sequence has weights.</summary>
    internal bool IsWeighted { get; private set; }

    /// <summary>Steps of a sequence.</summary>
    /// <param name="sequence">Index in the order of adding.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sequence.</exception>
    public int Length(int sequence)
    {
        Guard.Index(sequence, Count);
        return _sequences[sequence].Length;
    }

    /// <summary>Adds a sequence of numbers with targets.</summary>
    /// <param name="x">[length, I].</param>
    /// <param name="targets">[length, O], or [O] with one output per sequence.</param>
    /// <param name="weights">
    /// How much each output counts, [length], or [1] for all of the sequence; empty for 1. With 0 its target or label may be any number.
    /// </param>
    public void Add(ReadOnlySpan<T> x, ReadOnlySpan<T> targets, ReadOnlySpan<T> weights = default) =>
        Add(new Columns { X = x, Targets = targets, Weights = weights });

    /// <summary>Adds a sequence of numbers with labels.</summary>
    /// <param name="x">[length, I].</param>
    /// <param name="labels">[length], or [1] with one output per sequence; a negative one does not count.</param>
    /// <param name="weights">As for targets of numbers.</param>
    public void Add(ReadOnlySpan<T> x, ReadOnlySpan<int> labels, ReadOnlySpan<T> weights = default) =>
        Add(new Columns { X = x, Labels = labels, HasLabels = true, Weights = weights });

    /// <summary>Adds a sequence of symbols with targets.</summary>
    /// <param name="symbols">[length], each from 0 to Spec.Symbols − 1.</param>
    /// <param name="targets">[length, O], or [O] with one output per sequence.</param>
    /// <param name="weights">As for targets of numbers.</param>
    public void Add(ReadOnlySpan<int> symbols, ReadOnlySpan<T> targets, ReadOnlySpan<T> weights = default) =>
        Add(new Columns { Symbols = symbols, HasSymbols = true, Targets = targets, Weights = weights });

    /// <summary>Adds a sequence of symbols with labels.</summary>
    /// <param name="symbols">[length], each from 0 to Spec.Symbols − 1.</param>
    /// <param name="labels">[length], or [1] with one output per sequence; a negative one does not count.</param>
    /// <param name="weights">As for targets of numbers.</param>
    public void Add(ReadOnlySpan<int> symbols, ReadOnlySpan<int> labels, ReadOnlySpan<T> weights = default) =>
        Add(new Columns { Symbols = symbols, HasSymbols = true, Labels = labels, HasLabels = true, Weights = weights });

    /// <summary>Adds the N sequences of whole arrays, of numbers with targets. What is beyond a sequence's length is not read.</summary>
    /// <param name="layout">Steps T, sequences N and the length of each; not kept.</param>
    /// <param name="x">[T, N, I], time-major.</param>
    /// <param name="targets">[T, N, O], or [N, O] with one output per sequence.</param>
    /// <param name="weights">
    /// How much each output counts, [T, N], or [N] for all outputs of each sequence; empty for 1. With 0 its target or label may be any
    /// number.
    /// </param>
    public void AddBatch(SequenceLayout layout, ReadOnlySpan<T> x, ReadOnlySpan<T> targets, ReadOnlySpan<T> weights = default) =>
        AddBatch(layout, new Columns { X = x, Targets = targets, Weights = weights });

    /// <summary>Adds the N sequences of whole arrays, of numbers with labels. What is beyond a sequence's length is not read.</summary>
    /// <param name="layout">Steps T, sequences N and the length of each; not kept.</param>
    /// <param name="x">[T, N, I], time-major.</param>
    /// <param name="labels">[T, N], or [N] with one output per sequence; a negative one does not count.</param>
    /// <param name="weights">As for targets of numbers.</param>
    public void AddBatch(SequenceLayout layout, ReadOnlySpan<T> x, ReadOnlySpan<int> labels, ReadOnlySpan<T> weights = default) =>
        AddBatch(layout, new Columns { X = x, Labels = labels, HasLabels = true, Weights = weights });

    /// <summary>Adds the N sequences of whole arrays, of symbols with targets. What is beyond a sequence's length is not read.</summary>
    /// <param name="layout">Steps T, sequences N and the length of each; not kept.</param>
    /// <param name="symbols">[T, N], time-major, each from 0 to Spec.Symbols − 1.</param>
    /// <param name="targets">[T, N, O], or [N, O] with one output per sequence.</param>
    /// <param name="weights">As for targets of numbers.</param>
    public void AddBatch(SequenceLayout layout, ReadOnlySpan<int> symbols, ReadOnlySpan<T> targets, ReadOnlySpan<T> weights = default) =>
        AddBatch(layout, new Columns { Symbols = symbols, HasSymbols = true, Targets = targets, Weights = weights });

    /// <summary>Adds the N sequences of whole arrays, of symbols with labels. What is beyond a sequence's length is not read.</summary>
    /// <param name="layout">Steps T, sequences N and the length of each; not kept.</param>
    /// <param name="symbols">[T, N], time-major, each from 0 to Spec.Symbols − 1.</param>
    /// <param name="labels">[T, N], or [N] with one output per sequence; a negative one does not count.</param>
    /// <param name="weights">As for targets of numbers.</param>
    public void AddBatch(SequenceLayout layout, ReadOnlySpan<int> symbols, ReadOnlySpan<int> labels, ReadOnlySpan<T> weights = default) =>
        AddBatch(layout, new Columns { Symbols = symbols, HasSymbols = true, Labels = labels, HasLabels = true, Weights = weights });

    /// <summary>
    /// Divides the sequences into some to train with and some to validate with, each in the order of this collection. All choices of as
    /// many sequences are equally likely, and a seed has one of them. The sequences are shared, not copied; this collection stays as it is.
    /// </summary>
    /// <param name="validationShare">
    /// The share of validation: round(validationShare × Count) sequences, halves up, are chosen for it.
    /// </param>
    /// <param name="seed">Any number.</param>
    /// <returns>The two collections.</returns>
    /// <exception cref="ArgumentOutOfRangeException">One of the two would have no sequence.</exception>
    public (SequenceData<T> Training, SequenceData<T> Validation) Split(double validationShare, ulong seed)
    {
        double wanted = Math.Round(validationShare * Count, MidpointRounding.AwayFromZero);
        if (!(wanted >= 1 && wanted < Count))
        {
            throw new ArgumentOutOfRangeException(
                nameof(validationShare),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"'validationShare' is {validationShare} of {Count} sequences, expected one or more on either side."));
        }

        var training = new SequenceData<T>(this);
        var validation = new SequenceData<T>(this);
        var random = new RandomSource(seed);
        int missing = (int)wanted;
        for (int i = 0; i < Count; i++)
        {
            // Each sequence with the probability that leaves all choices equally likely (Knuth's algorithm S).
            bool validates = random.NextInt(Count - i) < missing;
            missing -= validates ? 1 : 0;
            (validates ? validation : training).Add(_sequences[i]);
        }

        return (training, validation);
    }

    /// <summary>
    /// Writes steps <paramref name="first"/> … first + count − 1 of a sequence into a column of a batch, from step 0 on. With one output
    /// per sequence, writes the targets or the label of the whole sequence.
    /// </summary>
    internal void Read(int sequence, int first, int count, Batch<T> batch, int column)
    {
        Sequence from = _sequences[sequence];
        int columns = batch.Layout.Batch;
        (int size, int outputSize) = (Shape.InputSize, Shape.OutputSize);
        for (int step = 0; step < count; step++)
        {
            int place = (step * columns) + column;
            if (Shape.HasSymbols)
            {
                batch.Symbols[place] = from.Symbols[first + step];
            }
            else
            {
                from.Inputs.AsSpan((first + step) * size, size).CopyTo(batch.Inputs[(place * size)..]);
            }
        }

        (int outputs, int offset) = Shape.LastStep ? (1, 0) : (count, first);
        for (int output = 0; output < outputs; output++)
        {
            int place = (output * columns) + column;
            if (IsWeighted)
            {
                batch.Weights[place] = from.Weight(offset + output);
            }

            if (Shape.HasLabels)
            {
                batch.Labels[place] = from.Labels[offset + output];
            }
            else
            {
                from.Targets.AsSpan((offset + output) * outputSize, outputSize).CopyTo(batch.Targets[(place * outputSize)..]);
            }
        }
    }

    private void Add(Sequence sequence)
    {
        _sequences.Add(sequence);
        LongestLength = Math.Max(LongestLength, sequence.Length);
        IsWeighted |= sequence.Weights.Length > 0;
    }

    private sealed record Sequence(int Length, T[] Inputs, int[] Symbols, T[] Targets, int[] Labels, T[] Weights)
    {
        /// <summary>The weight of an output: its own, or that of the sequence.</summary>
        public T Weight(int output) => Weights.Length switch
        {
            0 => T.One,
            1 => Weights[0],
            _ => Weights[output],
        };
    }
}
