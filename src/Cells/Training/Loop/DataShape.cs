using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;

namespace SpanRnn.Cells.Training.Loop;

/// <summary>Sizes and kinds of data that a network and a loss take: numbers or symbols in, targets or labels to learn.</summary>
internal readonly struct DataShape
{
    private readonly Loss _loss;

    // The first layer that needs whole sequences, or null, and its index.
    private readonly LayerSpec? _whole;
    private readonly int _wholeIndex;

    public DataShape(NetworkSpec spec, Loss loss, bool symbols)
    {
        ArgumentNullException.ThrowIfNull(spec);
        Check(loss);
        if (spec.Embedding is not null && !symbols)
        {
            throw new ArgumentException("'symbols' is false, expected true: the network has an embedding.", nameof(symbols));
        }

        _loss = loss;
        HasSymbols = symbols;
        InputSize = spec.InputSize;
        Symbols = spec.Symbols;
        OutputSize = spec.OutputSize;
        LastStep = spec.IsManyToOne;
        _wholeIndex = spec.FirstWholeLayer;
        _whole = _wholeIndex < 0 ? null : spec.Layers[_wholeIndex];
    }

    /// <summary>True if the input is symbols, false if it is numbers.</summary>
    public bool HasSymbols { get; init; }

    /// <summary>True if the loss takes labels, false if it takes targets.</summary>
    public bool HasLabels => _loss == Loss.SoftmaxCrossEntropy;

    /// <summary>True if targets are from 0 to 1.</summary>
    public bool HasFractions => _loss == Loss.BinaryCrossEntropy;

    /// <summary>I, also if the input is symbols.</summary>
    public int InputSize { get; }

    /// <summary>Number of symbols, also if the input is numbers.</summary>
    public int Symbols { get; }

    /// <summary>O, also the number of labels.</summary>
    public int OutputSize { get; }

    /// <summary>True if there is one output per sequence, false if there is one per step.</summary>
    public bool LastStep { get; }

    /// <summary>True if sequences may be cut into chunks, each with its own outputs, that go on from each other's states.</summary>
    public bool IsCuttable => _whole is null && !LastStep;

    public static void Check(Loss loss)
    {
        if (!Enum.IsDefined(loss))
        {
            throw new ArgumentOutOfRangeException(nameof(loss), $"'loss' is {(int)loss}, expected a value of Loss.");
        }
    }

    /// <summary>Throws unless data of this shape can be used for another, and names the first thing that differs.</summary>
    /// <param name="expected">The other shape.</param>
    /// <param name="name">The argument with the data.</param>
    /// <param name="like">What has the other shape: "as the trainer".</param>
    public void Expect(in DataShape expected, string name, string like)
    {
        if (Difference(expected) is { } difference)
        {
            throw new ArgumentException($"'{name}' {difference} {like}.", name);
        }
    }

    // Half a sentence, or null. Sizes that the data do not have make no difference, nor do whole sequences where chunks would do.
    private string? Difference(in DataShape expected) =>
        HasSymbols != expected.HasSymbols ? HasSymbols ? "holds symbols, expected numbers" : "holds numbers, expected symbols"
        : _loss != expected._loss ? $"is for {_loss}, expected {expected._loss}"
        : HasSymbols && Symbols != expected.Symbols ? $"is for {Symbols} symbols, expected {expected.Symbols}"
        : !HasSymbols && InputSize != expected.InputSize ? $"is for {InputSize} inputs per step, expected {expected.InputSize}"
        : LastStep != expected.LastStep ? LastStep
            ? "is for one output per sequence, expected one per step"
            : "is for one output per step, expected one per sequence"
        : OutputSize != expected.OutputSize
            ? $"is for outputs of {OutputSize} numbers, expected {expected.OutputSize}"
        : IsCuttable && !expected.IsCuttable
            ? $"is for a network that runs step by step, expected one whose layer {expected._wholeIndex} "
                + expected._whole!.NeedsWholeSequences
        : null;

    /// <summary>Throws if a label is O or more; a negative one does not count.</summary>
    public void CheckLabel(int label, int sequence, int step)
    {
        if (label >= OutputSize)
        {
            ThrowRange("labels", $"label {label}", Place(sequence, step), $"0 to {OutputSize - 1}, or below 0 for none");
        }
    }

    /// <summary>Throws if the loss is binary cross-entropy and a target of an output is not from 0 to 1.</summary>
    public void CheckTargets<T>(ReadOnlySpan<T> targets, int sequence, int step)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (HasFractions)
        {
            foreach (T target in targets)
            {
                if (!(target >= T.Zero && target <= T.One))
                {
                    string found = string.Create(CultureInfo.InvariantCulture, $"target {target}");
                    ThrowRange("targets", found, Place(sequence, step), "0 to 1");
                }
            }
        }
    }

    /// <summary>Throws if a weight is negative or not finite.</summary>
    public void CheckWeight<T>(T weight, int sequence, int step)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (!(weight >= T.Zero && T.IsFinite(weight)))
        {
            string found = string.Create(CultureInfo.InvariantCulture, $"weight {weight}");
            ThrowRange("weights", found, Place(sequence, step), "a finite number, 0 or more");
        }
    }

    /// <summary>Throws if sequences cannot be cut into chunks that go on from each other's states.</summary>
    public void CheckCuttable()
    {
        if (_whole is not null)
        {
            throw new ArgumentException(
                $"Layer {_wholeIndex} {_whole.NeedsWholeSequences}, expected only layers that run step by step where sequences are cut "
                + "into chunks: it needs whole sequences.");
        }
    }

    // An output of the whole sequence has no step.
    private string Place(int sequence, int step) => LastStep ? $" of sequence {sequence}" : $" at step {step} of sequence {sequence}";

    [DoesNotReturn]
    private static void ThrowRange(string name, string found, string place, string expected) =>
        throw new ArgumentOutOfRangeException(name, $"'{name}' has the {found}{place}, expected {expected}.");
}
