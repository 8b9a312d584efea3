using System.Numerics;
using SpanRnn.Cells.Training;
using SpanRnn.Cells.Training.Loop;
using SpanRnn.Core;

namespace SpanRnn;

/// <summary>Sequences of any lengths with their targets or labels.</summary>
/// <remarks>
/// <para>The length of a sequence is the length of its input. An empty sequence is legal and not counted. Every Add copies, and throws
/// before anything is added: <see cref="ArgumentException"/> for a wrong length or for data of the other kind,
/// <see cref="ArgumentOutOfRangeException"/> for a symbol, a label, a target of binary cross-entropy or a weight out of range. Inputs and
/// the targets of the mean squared error may be any numbers; a NaN shows in the loss.</para>
/// <para>Any number of threads may read at the same time. Adding belongs to one thread, with no reader beside it.</para>
/// </remarks>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class SequenceData<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly List<Sequence> _sequences = [];

    /// <summary>Makes an empty collection.</summary>
    /// <inheritdoc cref="Batch{T}(NetworkSpec, Loss, bool)"/>
    public SequenceData(NetworkSpec spec, Loss loss, bool symbols)
    {
        Guard.Precision<T>();
        Shape = new DataShape(spec, loss, symbols);
    }

    /// <summary>Number of sequences.</summary>
    public int Count => _sequences.Count;

    /// <summary>Steps of the longest sequence; 0 if there is none.</summary>
    public int LongestLength { get; private set; }

    /// <summary>Sizes and kinds of input and output.</summary>
    internal DataShape Shape { get; }

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
    public void Add(ReadOnlySpan<T> x, ReadOnlySpan<T> targets, ReadOnlySpan<T> weights = default)
    {
        int length = InputLength(x);
        CheckTargets(targets, length, weights);
        Add(new Sequence(length, Copy(x), [], Copy(targets), [], Copy(weights)));
    }

    /// <summary>Adds a sequence of numbers with labels.</summary>
    /// <param name="x">[length, I].</param>
    /// <param name="labels">[length], or [1] with one output per sequence; a negative one does not count.</param>
    /// <param name="weights">As for targets of numbers.</param>
    public void Add(ReadOnlySpan<T> x, ReadOnlySpan<int> labels, ReadOnlySpan<T> weights = default)
    {
        int length = InputLength(x);
        CheckLabels(labels, length, weights);
        Add(new Sequence(length, Copy(x), [], [], Copy(labels), Copy(weights)));
    }

    /// <summary>Adds a sequence of symbols with targets.</summary>
    /// <param name="symbols">[length], each from 0 to Spec.Symbols − 1.</param>
    /// <param name="targets">[length, O], or [O] with one output per sequence.</param>
    /// <param name="weights">As for targets of numbers.</param>
    public void Add(ReadOnlySpan<int> symbols, ReadOnlySpan<T> targets, ReadOnlySpan<T> weights = default)
    {
        CheckSymbols(symbols);
        CheckTargets(targets, symbols.Length, weights);
        Add(new Sequence(symbols.Length, [], Copy(symbols), Copy(targets), [], Copy(weights)));
    }

    /// <summary>Adds a sequence of symbols with labels.</summary>
    /// <param name="symbols">[length], each from 0 to Spec.Symbols − 1.</param>
    /// <param name="labels">[length], or [1] with one output per sequence; a negative one does not count.</param>
    /// <param name="weights">As for targets of numbers.</param>
    public void Add(ReadOnlySpan<int> symbols, ReadOnlySpan<int> labels, ReadOnlySpan<T> weights = default)
    {
        CheckSymbols(symbols);
        CheckLabels(labels, symbols.Length, weights);
        Add(new Sequence(symbols.Length, [], Copy(symbols), [], Copy(labels), Copy(weights)));
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
                batch.Weights[place] = Weight(from.Weights, offset + output);
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

    // The weight of an output: its own, or that of the sequence.
    private static T Weight(ReadOnlySpan<T> weights, int output) => weights.Length switch
    {
        0 => T.One,
        1 => weights[0],
        _ => weights[output],
    };

    private static TValue[] Copy<TValue>(ReadOnlySpan<TValue> values)
    {
        var copy = new TValue[values.Length];
        values.CopyTo(copy);
        return copy;
    }

    private void Add(Sequence sequence)
    {
        _sequences.Add(sequence);
        LongestLength = Math.Max(LongestLength, sequence.Length);
        IsWeighted |= sequence.Weights.Length > 0;
    }

    private int InputLength(ReadOnlySpan<T> x)
    {
        if (Shape.HasSymbols)
        {
            throw new ArgumentException($"'x' of sequence {Count} holds numbers, expected symbols.", nameof(x));
        }

        (int length, int rest) = int.DivRem(x.Length, Shape.InputSize);
        if (rest != 0)
        {
            throw new ArgumentException(
                $"'x' of sequence {Count} has {x.Length} elements, expected a multiple of {Shape.InputSize} = Spec.InputSize.", nameof(x));
        }

        return length;
    }

    private void CheckSymbols(ReadOnlySpan<int> symbols)
    {
        if (!Shape.HasSymbols)
        {
            throw new ArgumentException($"'symbols' of sequence {Count} holds symbols, expected numbers.", nameof(symbols));
        }

        for (int step = 0; step < symbols.Length; step++)
        {
            SymbolRange.Check(symbols[step], Shape.Symbols, Count, step);
        }
    }

    private void CheckTargets(ReadOnlySpan<T> targets, int length, ReadOnlySpan<T> weights)
    {
        if (Shape.HasLabels)
        {
            throw new ArgumentException(
                $"'targets' of sequence {Count} holds targets, expected labels for this loss.", nameof(targets));
        }

        int outputs = Outputs(targets.Length, length, Shape.OutputSize, nameof(targets));
        CheckWeights(weights, outputs);
        for (int output = 0; output < outputs; output++)
        {
            if (Weight(weights, output) != T.Zero)
            {
                Shape.CheckTargets(targets.Slice(output * Shape.OutputSize, Shape.OutputSize), Count, output);
            }
        }
    }

    private void CheckLabels(ReadOnlySpan<int> labels, int length, ReadOnlySpan<T> weights)
    {
        if (!Shape.HasLabels)
        {
            throw new ArgumentException($"'labels' of sequence {Count} holds labels, expected targets for this loss.", nameof(labels));
        }

        int outputs = Outputs(labels.Length, length, 1, nameof(labels));
        CheckWeights(weights, outputs);
        for (int output = 0; output < outputs; output++)
        {
            if (Weight(weights, output) != T.Zero)
            {
                Shape.CheckLabel(labels[output], Count, output);
            }
        }
    }

    private void CheckWeights(ReadOnlySpan<T> weights, int outputs)
    {
        if (weights.Length > 1 && weights.Length != outputs)
        {
            throw new ArgumentException(
                $"'weights' of sequence {Count} has {weights.Length} elements, expected {outputs} = its outputs, 1 or none.",
                nameof(weights));
        }

        for (int output = 0; output < weights.Length; output++)
        {
            Shape.CheckWeight(weights[output], Count, output);
        }
    }

    private int Outputs(int found, int length, int size, string name)
    {
        int outputs = Shape.LastStep ? 1 : length;
        if (found != (long)outputs * size)
        {
            string formula = (Shape.LastStep, size) switch
            {
                (true, 1) => "one per sequence",
                (true, _) => "Spec.OutputSize",
                (false, 1) => "its steps",
                _ => "its steps × Spec.OutputSize",
            };
            throw new ArgumentException(
                $"'{name}' of sequence {Count} has {found} elements, expected {(long)outputs * size} = {formula}.", name);
        }

        return outputs;
    }

    private sealed record Sequence(int Length, T[] Inputs, int[] Symbols, T[] Targets, int[] Labels, T[] Weights);
}
