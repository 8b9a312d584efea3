using SpanRnn.Tasks.Models;

namespace SpanRnn.Tasks.Training;

/// <summary>Records of a file as a network is trained on them.</summary>
internal static class TaskData
{
    /// <summary>Loss of a task.</summary>
    public static Loss LossOf(SequenceTask task) => task.Kind == TaskKind.Regress ? Loss.MeanSquaredError : Loss.SoftmaxCrossEntropy;

    /// <summary>Makes the data of records that stand alone.</summary>
    /// <param name="task">The task.</param>
    /// <param name="spec">The network.</param>
    /// <param name="file">The records.</param>
    /// <param name="earlier">For the last symbol: how much each symbol before it counts, the last one counting 1.</param>
    public static SequenceData<float> Of(SequenceTask task, NetworkSpec spec, SequenceFile file, double earlier)
    {
        var data = new SequenceData<float>(spec, LossOf(task));
        int least = SequenceModel.LeastLength(spec) + (task.Kind == TaskKind.Last ? 1 : 0);
        foreach (SequenceRecord record in file.Records)
        {
            EncodedSequence encoded = task.Encode(record, file.Name);
            if (encoded.Length < least && task.Kind != TaskKind.Next)
            {
                throw new ModelFormatException(
                    file.Name,
                    $"line {record.Line} has {encoded.Length} symbols, expected at least {least} for the position that is read.");
            }

            Add(data, task, spec, file, record, encoded, (float)earlier);
        }

        return data;
    }

    /// <summary>Makes the data of a running text: it is cut into as many parts as there are sequences in a batch.</summary>
    public static SequenceData<float> OfText(SequenceTask task, NetworkSpec spec, ReadOnlySpan<int> text, int parts)
    {
        var data = new SequenceData<float>(spec, LossOf(task));
        int predicted = text.Length - 1;
        int length = (predicted - 1) / parts + 1;
        for (int start = 0; start < predicted; start += length)
        {
            int own = Math.Min(length, predicted - start);
            data.Add(text.Slice(start, own), text.Slice(start + 1, own));
        }

        return data;
    }

    /// <summary>Encodes a whole file as one running text: an end, then each record with an end behind it.</summary>
    public static int[] Text(SequenceTask task, SequenceFile file)
    {
        List<int> text = [task.End];
        foreach (SequenceRecord record in file.Records)
        {
            text.AddRange(task.Encode(record, file.Name).Symbols);
            text.Add(task.End);
        }

        return [.. text];
    }

    /// <summary>Divides a running text: its last records, with the share of its characters or more, are for validation.</summary>
    public static (SequenceFile Training, SequenceFile Validation) DivideText(SequenceFile file, double share)
    {
        long wanted = (long)Math.Ceiling(share * file.Records.Sum(record => (long)record.Sequence.Length));
        if (file.Records is [{ } only])
        {
            int cut = only.Sequence.Length - (int)wanted;
            cut -= cut > 0 && char.IsLowSurrogate(only.Sequence[cut]) ? 1 : 0;
            return cut > 0
                ? (file.With([only with { Sequence = only.Sequence[..cut] }]), file.With([only with { Sequence = only.Sequence[cut..] }]))
                : throw new ModelFormatException(
                    file.Name, $"{only.Sequence.Length} characters are too few to take some for validation, expected more.");
        }

        int first = file.Records.Count;
        while (wanted > 0 && first > 1)
        {
            first--;
            wanted -= file.Records[first].Sequence.Length;
        }

        return (file.With([.. file.Records.Take(first)]), file.With([.. file.Records.Skip(first)]));
    }

    private static void Add(
        SequenceData<float> data,
        SequenceTask task,
        NetworkSpec spec,
        SequenceFile file,
        SequenceRecord record,
        EncodedSequence encoded,
        float earlier)
    {
        int[] symbols = encoded.Symbols;
        switch (task.Kind)
        {
            case TaskKind.Next:
                data.Add([task.End, .. symbols], (ReadOnlySpan<int>)[.. symbols, task.End]);
                break;
            case TaskKind.Last when spec.IsManyToOne:
                data.Add(symbols.AsSpan()[..^1], symbols.AsSpan()[^1..]);
                break;
            case TaskKind.Last:
                float[] weights = new float[symbols.Length - 1];
                Array.Fill(weights, earlier);
                weights[^1] = 1;
                data.Add(symbols.AsSpan()[..^1], symbols.AsSpan(1), weights);
                break;
            case TaskKind.Regress:
                float target = task.TargetScale!.Scaled([[SequenceTask.Target(record, file.Name)]])[0];
                Add(data, encoded, [target]);
                break;
            case TaskKind.Classify:
                Add(data, encoded, [task.Class(record, file.Name)]);
                break;
            default:
                Add(data, encoded, task.TagsOf(record, file.Name, encoded.Length));
                break;
        }
    }

    private static void Add(SequenceData<float> data, EncodedSequence encoded, int[] labels)
    {
        if (encoded.Symbols.Length > 0)
        {
            data.Add(encoded.Symbols, labels);
        }
        else
        {
            data.Add(encoded.Numbers, labels);
        }
    }

    private static void Add(SequenceData<float> data, EncodedSequence encoded, float[] targets)
    {
        if (encoded.Symbols.Length > 0)
        {
            data.Add(encoded.Symbols, targets);
        }
        else
        {
            data.Add(encoded.Numbers, targets);
        }
    }
}
