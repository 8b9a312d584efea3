using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;

namespace SpanRnn.Cells.Training.Loop;

/// <summary>Sizes and kinds of data that a network and a loss take: numbers or symbols in, targets or labels to learn.</summary>
internal readonly record struct DataShape
{
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

        HasSymbols = symbols;
        HasLabels = loss == Loss.SoftmaxCrossEntropy;
        HasFractions = loss == Loss.BinaryCrossEntropy;
        InputSize = spec.InputSize;
        Symbols = spec.Symbols;
        OutputSize = spec.OutputSize;
        LastStep = spec.IsManyToOne;
        _wholeIndex = spec.FirstWholeLayer;
        _whole = _wholeIndex < 0 ? null : spec.Layers[_wholeIndex];
    }

    /// <summary>True if the input is symbols, false if it is numbers.</summary>
    public bool HasSymbols { get; }

    /// <summary>True if the loss takes labels, false if it takes targets.</summary>
    public bool HasLabels { get; }

    /// <summary>True if targets are from 0 to 1.</summary>
    public bool HasFractions { get; }

    public int InputSize { get; }

    /// <summary>Number of symbols, also if the input is numbers.</summary>
    public int Symbols { get; }

    /// <summary>O, also the number of labels.</summary>
    public int OutputSize { get; }

    /// <summary>True if there is one output per sequence, false if there is one per step.</summary>
    public bool LastStep { get; }

    public static void Check(Loss loss)
    {
        if (!Enum.IsDefined(loss))
        {
            throw new ArgumentOutOfRangeException(nameof(loss), $"'loss' is {(int)loss}, expected a value of Loss.");
        }
    }

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
