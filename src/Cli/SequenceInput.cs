using System.Numerics;
using SpanRnn.Cells;
using SpanRnn.Formats;

namespace SpanRnn.Cli;

/// <summary>Sequences from x and its lengths, held against the network and time-major: numbers, or symbols.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
/// <param name="Layout">Steps, batch and lengths.</param>
/// <param name="X">[T, B, I], zeros beyond a sequence's length; empty where the input is symbols.</param>
/// <param name="Symbols">[T, B]; null where the input is numbers.</param>
internal sealed record SequenceInput<T>(SequenceLayout Layout, T[] X, int[]? Symbols)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Reads the arrays; says so on the error stream where one holds NaN or infinity.</summary>
    /// <param name="spec">With an embedding x is symbols; else it is numbers or, where it holds integers [T, B], symbols one-hot.</param>
    /// <param name="file">x.</param>
    /// <param name="lengths">The file of the lengths, or null.</param>
    /// <param name="batchFirst">x is [B, T, I] or [B, T].</param>
    /// <param name="terminal">For warnings.</param>
    public static SequenceInput<T> Read(NetworkSpec spec, NpyFile file, string? lengths, bool batchFirst, Terminal terminal)
    {
        bool hasSymbols = spec.Embedding is not null || IsSymbols(file);
        string[] axes = batchFirst ? ["B", "T", "I"] : ["T", "B", "I"];
        T[] x = hasSymbols ? [] : NumberFile.Read<T>(file, axes);
        int[]? symbols = hasSymbols ? NumberFile.ReadInts(file, axes.AsSpan(0, 2)) : null;
        int steps = file.Shape[batchFirst ? 1 : 0];
        int batch = file.Shape[batchFirst ? 0 : 1];
        if (batch == 0 || steps == 0)
        {
            string what = batch == 0 ? "an empty batch" : "zero steps";
            throw new ModelFormatException(
                file.Name, $"the shape is {NumberFile.Text(file.Shape)}, {what}, expected at least one sequence of one step.");
        }

        var layout = new SequenceLayout();
        if (symbols is null)
        {
            int[] shape = batchFirst ? [batch, steps, spec.InputSize] : [steps, batch, spec.InputSize];
            NumberFile.ExpectShape(file, shape, "the model's input size last");
        }

        if (lengths is not null)
        {
            layout.Set(steps, ReadLengths(lengths, steps, batch));
        }
        else
        {
            layout.Set(steps, batch);
        }

        if (symbols is not null)
        {
            symbols = batchFirst ? Axes.Exchange<int>(symbols, batch, steps) : symbols;
            CheckSymbols(spec, file, layout, symbols, batchFirst);
            return new SequenceInput<T>(layout, [], symbols);
        }

        Axes.ClearPadding<T>(layout, x, batchFirst);
        NumberFile.WarnUnlessFinite<T>(file.Name, file.Shape, x, terminal);
        return new SequenceInput<T>(layout, batchFirst ? Axes.Exchange<T>(x, batch, steps) : x, null);
    }

    /// <summary>Whether an array is symbols: whole numbers, one per step.</summary>
    public static bool IsSymbols(NpyFile file) => file.Dtype is "int32" or "int64" && file.Shape.Length == 2;

    private static void CheckSymbols(NetworkSpec spec, NpyFile file, SequenceLayout layout, int[] symbols, bool batchFirst)
    {
        for (int i = 0; i < symbols.Length; i++)
        {
            (int step, int sequence) = Math.DivRem(i, layout.Batch);
            if (step < layout.Length(sequence) && (uint)symbols[i] >= (uint)spec.Symbols)
            {
                int[] place = batchFirst ? [sequence, step] : [step, sequence];
                throw new ModelFormatException(
                    file.Name, $"the symbol at {NumberFile.Text(place)} is {symbols[i]}, expected 0 to {spec.Symbols - 1}.");
            }
        }
    }

    private static int[] ReadLengths(string path, int steps, int batch)
    {
        var file = NpyFile.Read(path);
        long[] lengths = file.ToInt64s("B");
        NumberFile.ExpectShape(file, [batch], "one length for each sequence");
        for (int i = 0; i < lengths.Length; i++)
        {
            if (lengths[i] < 0 || lengths[i] > steps)
            {
                throw new ModelFormatException(path, $"the length of sequence {i} is {lengths[i]}, expected 0 to {steps}, the steps of x.");
            }
        }

        return Array.ConvertAll(lengths, length => (int)length);
    }
}
