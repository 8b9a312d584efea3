using System.Numerics;
using SpanRnn.Formats.Files;
using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.Arrays;

/// <summary>Sequences of numbers or symbols, time-major, from the arrays of x and its lengths.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
/// <param name="Layout">Steps, batch and lengths.</param>
/// <param name="X">[T, B, I], zeros in padding; empty if the input is symbols.</param>
/// <param name="Symbols">[T, B]; null if the input is numbers.</param>
/// <param name="Port">The layout of x in its array.</param>
/// <param name="IsFlat">True if x is [T] in its array, without the other axes.</param>
internal sealed record InputSequences<T>(SequenceLayout Layout, T[] X, int[]? Symbols, ModelPort Port, bool IsFlat)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Checks the arrays against the network.</summary>
    /// <param name="spec">The network.</param>
    /// <param name="port">The port of x, numbers or symbols. Integers are numbers where the port has numbers.</param>
    /// <param name="file">The array x.</param>
    /// <param name="lengths">The lengths, or null.</param>
    /// <param name="lengthsName">The name of the input that takes the lengths; null if the model takes none.</param>
    /// <param name="fixedLengths">The lengths that the model has as a constant, or null.</param>
    /// <param name="notice">Receives what may be a mistake: NaN, infinity, padding without lengths.</param>
    public static InputSequences<T> From(
        NetworkSpec spec,
        ModelPort port,
        NpyArray file,
        NpyArray? lengths,
        string? lengthsName,
        IReadOnlyList<int>? fixedLengths,
        Notice notice)
    {
        // One number per step of one sequence, such as a recording, may come without the axes of size 1.
        bool isFlat = file.Shape.Length == 1 && port.Rank > 1 && port.Shape(file.Shape[0], 1).Count(size => size > 1) <= 1;
        bool hasSymbols = port.Kind == PortKind.Symbols;
        if (!hasSymbols && !isFlat && file.HoldsIntegers && port.Symbols().Rank == file.Shape.Length)
        {
            throw new ModelFormatException(
                file.Name,
                $"the array has {file.Dtype} in the shape {TensorShape.Text(file.Shape)} as symbols have, expected the numbers {port.Axes} "
                + $"of {port.Name}; "
                + (spec.InputSize == 1
                    ? "array[..., None] has them."
                    : $"numpy.eye({spec.InputSize}, dtype='float32')[array] makes one-hot numbers of symbols below {spec.InputSize}."));
        }

        string[] axes = isFlat ? ["T"] : ArrayContent.Axes(port);
        T[] values = hasSymbols ? [] : ArrayContent.Read<T>(file, notice, axes);
        int[] whole = hasSymbols ? ArrayContent.ReadInts(file, axes) : [];
        (int steps, int batch) = port.Measure(isFlat ? port.Shape(file.Shape[0], 1) : file.Shape)
            ?? throw new ModelFormatException(
                file.Name, $"the shape is {TensorShape.Text(file.Shape)}, expected {port.Axes}, the axes of {port.Name}.");
        if (batch == 0 || steps == 0)
        {
            string what = batch == 0 ? "an empty batch" : "zero steps";
            throw new ModelFormatException(
                file.Name, $"the shape is {TensorShape.Text(file.Shape)}, {what}, expected at least one sequence of one step.");
        }

        var layout = new SequenceLayout();
        if (lengths is not null)
        {
            layout.Set(steps, ReadLengths(lengths, steps, batch));
        }
        else if (fixedLengths is not null)
        {
            layout.Set(steps, Fixed(fixedLengths, file, steps, batch));
        }
        else
        {
            layout.Set(steps, batch);
        }

        // Without lengths, padding is computed with like any other steps.
        string? hint = lengths is null && fixedLengths is null ? lengthsName : null;

        if (hasSymbols)
        {
            int[] symbols = new int[whole.Length];
            port.ToNetwork<int>(steps, batch, whole, symbols);
            CheckSymbols(spec, port, file, layout, symbols);
            HintAtPadding<int>(hint, file, layout, symbols, symbols: true, notice);
            return new InputSequences<T>(layout, [], symbols, port, isFlat);
        }

        var x = new T[values.Length];
        port.ToNetwork<T>(steps, batch, values, x);
        HintAtPadding<T>(hint, file, layout, x, symbols: false, notice);
        Padding.Clear<T>(layout, x);
        port.FromNetwork<T>(steps, batch, x, values);
        ArrayContent.WarnUnlessFinite<T>(file.Name, file.Shape, values, notice);
        return new InputSequences<T>(layout, x, null, port, isFlat);
    }

    // Sequences of one batch that end in zeros of different lengths may be padded. The symbol 0 may also be one like any other.
    private static void HintAtPadding<TValue>(
        string? lengthsName, NpyArray file, SequenceLayout layout, ReadOnlySpan<TValue> x, bool symbols, Notice notice)
        where TValue : INumberBase<TValue>
    {
        if (lengthsName is null)
        {
            return;
        }

        int size = x.Length / (layout.Steps * layout.Batch);
        int[] ends = new int[layout.Batch];
        bool isSymbol = false;
        for (int sequence = 0; sequence < layout.Batch; sequence++)
        {
            for (int step = layout.Steps - 1; step >= 0; step--)
            {
                bool isZero = x.Slice(((step * layout.Batch) + sequence) * size, size).IndexOfAnyExcept(TValue.Zero) < 0;
                isSymbol |= symbols && isZero && ends[sequence] > 0;
                ends[sequence] = isZero || ends[sequence] > 0 ? ends[sequence] : step + 1;
            }
        }

        int padded = ends.Count(end => end < layout.Steps);
        if (!isSymbol && ends.Min() < ends.Max())
        {
            notice(
                file.Name,
                $": {padded} of its {layout.Batch} sequences end in zeros, which are computed with like any other steps; "
                + $"if they are padding, give the lengths without it as the input {lengthsName}, integers [B].");
        }
    }

    private static void CheckSymbols(NetworkSpec spec, ModelPort port, NpyArray file, SequenceLayout layout, int[] symbols)
    {
        for (int i = 0; i < symbols.Length; i++)
        {
            (int step, int sequence) = Math.DivRem(i, layout.Batch);
            if (step < layout.Length(sequence) && (uint)symbols[i] >= (uint)spec.Symbols)
            {
                int[] index = ArrayContent.Index(file.Shape, AxisOrder.FileIndices(port, layout.Steps, layout.Batch)[i]);
                throw new ModelFormatException(
                    file.Name, $"the symbol at {TensorShape.Text(index)} is {symbols[i]}, expected 0 to {spec.Symbols - 1}.");
            }
        }
    }

    private static int[] Fixed(IReadOnlyList<int> lengths, NpyArray x, int steps, int batch) =>
        lengths.Count == batch && lengths.All(length => length <= steps)
            ? [.. lengths]
            : throw new ModelFormatException(
                x.Name,
                $"there {Amount.Are(batch)} {Amount.Of(batch, "sequence")} of {Amount.Of(steps, "step")}, "
                + $"expected {lengths.Count} of at least {lengths.DefaultIfEmpty().Max()}: "
                + "the model has their lengths as a constant.");

    private static int[] ReadLengths(NpyArray file, int steps, int batch)
    {
        long[] lengths = file.ToInt64s("B");
        if (file.Dtype == "bool")
        {
            throw new ModelFormatException(
                file.Name, "the dtype is bool, expected the number of steps of each sequence: a mask [B, T] has them as mask.sum(axis=1).");
        }

        ArrayContent.ExpectShape(file, [batch], "one length for each sequence");
        for (int i = 0; i < lengths.Length; i++)
        {
            if (lengths[i] < 0 || lengths[i] > steps)
            {
                throw new ModelFormatException(
                    file.Name, $"the length of sequence {i} is {lengths[i]}, expected 0 to {steps}, the steps of x.");
            }
        }

        return Array.ConvertAll(lengths, length => (int)length);
    }
}
