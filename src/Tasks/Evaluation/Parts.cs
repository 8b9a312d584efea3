namespace SpanRnn.Tasks.Evaluation;

/// <summary>Folds of a file: of each class alike; of a running text, stretches of it.</summary>
internal static class Parts
{
    public static (int[] Train, int[] Test)[] Folds(SequenceTask task, SequenceFile file, int folds, ulong seed)
    {
        if (task.IsRunningText)
        {
            int rows = file.Records.Count;
            if (folds < 2 || folds > rows)
            {
                throw new ArgumentOutOfRangeException(nameof(folds), $"'folds' is {folds}, expected 2 to {rows}, the number of lines.");
            }

            return
            [
                .. Enumerable.Range(0, folds).Select(fold =>
                {
                    int start = (int)((long)rows * fold / folds);
                    int end = (int)((long)rows * (fold + 1) / folds);
                    int[] train = [.. Enumerable.Range(0, start), .. Enumerable.Range(end, rows - end)];
                    return (train, (int[])[.. Enumerable.Range(start, end - start)]);
                }),
            ];
        }

        string?[] labels = [.. file.Records.Select(record => task.Kind == TaskKind.Classify ? record.Label : null)];
        return [.. Split.Folds(labels, folds, seed).Select(split => ((int[])[.. split.Train], (int[])[.. split.Test]))];
    }
}
