using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;

namespace SpanRnn.Cells.Training.Loop;

/// <summary>What a network and a loss want of every step: numbers or a symbol in, numbers or a label to be learnt.</summary>
internal readonly record struct DataShape
{
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
        ReverseLayer = FirstReverse(spec);
    }

    /// <summary>The input is symbols, not numbers.</summary>
    public bool HasSymbols { get; }

    /// <summary>What is to be learnt is labels, not targets.</summary>
    public bool HasLabels { get; }

    /// <summary>Targets are from 0 to 1.</summary>
    public bool HasFractions { get; }

    public int InputSize { get; }

    /// <summary>How many symbols there are, whether or not the input is made of them.</summary>
    public int Symbols { get; }

    /// <summary>O; also how many labels there are.</summary>
    public int OutputSize { get; }

    /// <summary>There is one output per sequence, not one per step.</summary>
    public bool LastStep { get; }

    /// <summary>The first layer that needs the whole of a sequence, or −1.</summary>
    public int ReverseLayer { get; }

    public static void Check(Loss loss)
    {
        if (!Enum.IsDefined(loss))
        {
            throw new ArgumentOutOfRangeException(nameof(loss), $"'loss' is {(int)loss}, expected one of Loss's.");
        }
    }

    /// <summary>Sequences can be cut into pieces that go on from each other's states.</summary>
    public void CheckCuttable()
    {
        if (ReverseLayer >= 0)
        {
            throw new ArgumentException(
                $"Layer {ReverseLayer} runs in reverse, expected forward layers alone where sequences are cut into chunks: it starts from "
                + "the end of the whole.");
        }
    }

    /// <summary>One of the labels that the outputs stand for.</summary>
    public void CheckLabel(int label, int sequence, int step)
    {
        if ((uint)label >= (uint)OutputSize)
        {
            ThrowRange("labels", $"label {label}", Place(sequence, step), $"0 to {OutputSize - 1}");
        }
    }

    /// <summary>Targets of one output: those of binary cross-entropy are from 0 to 1.</summary>
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

    private static int FirstReverse(NetworkSpec spec)
    {
        for (int layer = 0; layer < spec.Layers.Length; layer++)
        {
            if (spec.Layers[layer].Directions[^1] == Direction.Reverse)
            {
                return layer;
            }
        }

        return -1;
    }

    // An output of the whole sequence has no step.
    private string Place(int sequence, int step) => LastStep ? $" of sequence {sequence}" : $" at step {step} of sequence {sequence}";

    [DoesNotReturn]
    private static void ThrowRange(string name, string found, string place, string expected) =>
        throw new ArgumentOutOfRangeException(name, $"'{name}' has the {found}{place}, expected {expected}.");
}
