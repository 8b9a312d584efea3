using System.Diagnostics.CodeAnalysis;
using SpanRnn.Cells.Training;
using SpanRnn.Core;

namespace SpanRnn;

/// <content>Sequences out of the arrays of a caller, and their checks.</content>
public sealed partial class SequenceData<T>
{
    private void Add(in Columns columns)
    {
        CheckKinds(columns);
        int length = LengthOf(columns);
        int outputs = Shape.LastStep ? 1 : length;
        if (columns.HasLabels)
        {
            CheckLength(columns.Labels.Length, outputs, 1, "labels");
        }
        else
        {
            CheckLength(columns.Targets.Length, outputs, Shape.OutputSize, "targets");
        }

        if (columns.Weights.Length > 1 && columns.Weights.Length != outputs)
        {
            ThrowLength("weights", columns.Weights.Length, $"{outputs} = its outputs, 1 or none");
        }

        Sequence sequence = Take(columns, 0, 1, length, Count);
        Decide(columns);
        Add(sequence);
    }

    private void AddBatch(SequenceLayout layout, in Columns columns)
    {
        ArgumentNullException.ThrowIfNull(layout);
        CheckKinds(columns);
        CheckLengths(layout, columns);
        var sequences = new Sequence[layout.Batch];
        for (int column = 0; column < sequences.Length; column++)
        {
            sequences[column] = Take(columns, column, sequences.Length, layout.Length(column), Count + column);
        }

        Decide(columns);
        foreach (Sequence sequence in sequences)
        {
            Add(sequence);
        }
    }

    // Of an empty collection the arrays decide it, once they are found right.
    private void Decide(in Columns columns) => Shape = Shape with { HasSymbols = columns.HasSymbols };

    private void CheckKinds(in Columns columns)
    {
        if (columns.HasSymbols != Shape.HasSymbols && (Count > 0 || _needsSymbols))
        {
            string name = columns.HasSymbols ? "symbols" : "x";
            (string found, string expected) = columns.HasSymbols ? ("symbols", "numbers") : ("numbers", "symbols");
            string reason = _needsSymbols ? ": the network has an embedding" : " as the sequences before";
            throw new ArgumentException($"'{name}' of sequence {Count} holds {found}, expected {expected}{reason}.", name);
        }

        if (columns.HasLabels != Shape.HasLabels)
        {
            (string found, string expected) = columns.HasLabels ? ("labels", "targets") : ("targets", "labels");
            throw new ArgumentException($"'{found}' of sequence {Count} holds {found}, expected {expected} for this loss.", found);
        }
    }

    // The length of a single sequence.
    private int LengthOf(in Columns columns)
    {
        if (columns.HasSymbols)
        {
            return columns.Symbols.Length;
        }

        (int length, int rest) = int.DivRem(columns.X.Length, Shape.InputSize);
        if (rest != 0)
        {
            ThrowLength("x", columns.X.Length, $"a multiple of {Shape.InputSize} = Spec.InputSize");
        }

        return length;
    }

    private void CheckLength(int found, int outputs, int size, string name)
    {
        if (found != (long)outputs * size)
        {
            string formula = (Shape.LastStep, size) switch
            {
                (true, 1) => "one per sequence",
                (true, _) => "Spec.OutputSize",
                (false, 1) => "its steps",
                _ => "its steps × Spec.OutputSize",
            };
            ThrowLength(name, found, $"{(long)outputs * size} = {formula}");
        }
    }

    [DoesNotReturn]
    private void ThrowLength(string name, int found, string expected) =>
        throw new ArgumentException($"'{name}' of sequence {Count} has {found} elements, expected {expected}.", name);

    private void CheckLengths(SequenceLayout layout, in Columns columns)
    {
        const string Places = "layout.Steps × layout.Batch";
        long places = (long)layout.Steps * layout.Batch;
        if (columns.HasSymbols)
        {
            Guard.Length(columns.Symbols, places, Places, "symbols");
        }
        else
        {
            Guard.Length(columns.X, places * Shape.InputSize, $"{Places} × Spec.InputSize", "x");
        }

        (long outputs, string formula) = Shape.LastStep ? (layout.Batch, "layout.Batch") : (places, Places);
        if (columns.HasLabels)
        {
            Guard.Length(columns.Labels, outputs, formula, "labels");
        }
        else
        {
            Guard.Length(columns.Targets, outputs * Shape.OutputSize, $"{formula} × Spec.OutputSize", "targets");
        }

        if (columns.Weights.Length > 0 && columns.Weights.Length != layout.Batch)
        {
            Guard.Length(columns.Weights, outputs, $"{formula}{(Shape.LastStep ? string.Empty : ", or layout.Batch")}, or 0", "weights");
        }
    }

    /// <summary>Copies a column and checks its numbers.</summary>
    private Sequence Take(in Columns columns, int column, int count, int length, int index)
    {
        int outputs = Shape.LastStep ? 1 : length;

        // A single sequence has one weight for all outputs, or one for each; so has every sequence of a batch.
        int weights = columns.Weights.Length == count ? Math.Min(columns.Weights.Length, 1) : columns.Weights.IsEmpty ? 0 : outputs;
        var sequence = new Sequence(
            length,
            Copy(columns.X, column, count, columns.HasSymbols ? 0 : length, Shape.InputSize),
            Copy(columns.Symbols, column, count, columns.HasSymbols ? length : 0, 1),
            Copy(columns.Targets, column, count, columns.HasLabels ? 0 : outputs, Shape.OutputSize),
            Copy(columns.Labels, column, count, columns.HasLabels ? outputs : 0, 1),
            Copy(columns.Weights, column, count, weights, 1));
        for (int step = 0; step < sequence.Symbols.Length; step++)
        {
            SymbolRange.Check(sequence.Symbols[step], Shape.Symbols, index, step);
        }

        for (int output = 0; output < weights; output++)
        {
            Shape.CheckWeight(sequence.Weights[output], index, output);
        }

        for (int output = 0; output < outputs; output++)
        {
            if (sequence.Weight(output) == T.Zero)
            {
                continue;
            }

            if (Shape.HasLabels)
            {
                Shape.CheckLabel(sequence.Labels[output], index, output);
            }
            else
            {
                Shape.CheckTargets<T>(sequence.Targets.AsSpan(output * Shape.OutputSize, Shape.OutputSize), index, output);
            }
        }

        return sequence;
    }

    private static TValue[] Copy<TValue>(ReadOnlySpan<TValue> values, int column, int columns, int rows, int size)
    {
        TValue[] copy = rows == 0 ? [] : new TValue[rows * size];
        for (int row = 0; row < rows; row++)
        {
            values.Slice(((row * columns) + column) * size, size).CopyTo(copy.AsSpan(row * size));
        }

        return copy;
    }

    /// <summary>Arrays of a caller, time-major: one sequence alone, or the sequences of a batch side by side.</summary>
    private readonly ref struct Columns
    {
        public bool HasSymbols { get; init; }

        public bool HasLabels { get; init; }

        public ReadOnlySpan<T> X { get; init; }

        public ReadOnlySpan<int> Symbols { get; init; }

        public ReadOnlySpan<T> Targets { get; init; }

        public ReadOnlySpan<int> Labels { get; init; }

        public ReadOnlySpan<T> Weights { get; init; }
    }
}
