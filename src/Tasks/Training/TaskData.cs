using System.Security.Cryptography;
using System.Text;
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
        foreach (SequenceRecord record in file.Records)
        {
            EncodedSequence encoded = task.Encode(record, file.Name);
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

    /// <summary>Hash of sequences and labels, of the training and then of the validation, and of the seed.</summary>
    public static string Fingerprint(SequenceFile training, SequenceFile? validation, ulong seed)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(BitConverter.GetBytes(seed));
        foreach (SequenceFile? part in new[] { training, validation })
        {
            hash.AppendData("\u0001"u8);
            foreach (SequenceRecord record in part?.Records ?? [])
            {
                hash.AppendData(Encoding.UTF8.GetBytes($"{record.Label}\u0002{record.Sequence}\u0003"));
            }
        }

        return Convert.ToHexString(hash.GetHashAndReset());
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

    /// <summary>
    /// Divides a running text: its end, the share of its characters, is for validation. It is cut between two records or, where that would
    /// be far from the share, within one, between words if these are the symbols.
    /// </summary>
    public static (SequenceFile Training, SequenceFile Validation) DivideText(SequenceTask task, SequenceFile file, double share)
    {
        long all = file.Records.Sum(record => (long)record.Sequence.Length);
        long wanted = (long)Math.Ceiling(share * all);
        int cut = file.Records.Count;
        long held = 0;
        while (cut > 1 && held < wanted && held + file.Records[cut - 1].Sequence.Length <= 1.5 * wanted)
        {
            cut--;
            held += file.Records[cut].Sequence.Length;
        }

        if (2 * held >= wanted)
        {
            return (file.With([.. file.Records.Take(cut)]), file.With([.. file.Records.Skip(cut)]));
        }

        SequenceRecord within = file.Records[cut - 1];
        int place = within.Sequence.Length - (int)(wanted - held);
        if (task.Alphabet!.Unit == SymbolUnit.Word)
        {
            int word = place > 0 ? within.Sequence.AsSpan(0, place).LastIndexOfAny(" \t\r\n") : -1;
            place = word;
        }
        else if (place > 0 && char.IsLowSurrogate(within.Sequence[place]))
        {
            place--;
        }

        return place > 0
            ? (file.With([.. file.Records.Take(cut - 1), within with { Sequence = within.Sequence[..place] }]),
                file.With([within with { Sequence = within.Sequence[place..] }, .. file.Records.Skip(cut)]))
            : throw new ModelFormatException(
                file.Name, $"{all} characters are too few to take {wanted} of them for validation, expected more, or a share of 0.");
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
