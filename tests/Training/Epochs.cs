using System.Numerics;

namespace SpanRnn.Tests;

/// <summary>The plain loop over an epoch.</summary>
internal static class Epochs
{
    /// <summary>Trains on the rest of the reader's epoch.</summary>
    /// <returns>The reports of its steps.</returns>
    public static StepReport[] Train<T>(Trainer<T> trainer, BatchReader<T> reader)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        List<StepReport> reports = [];
        for (long epoch = reader.Epoch; reader.Epoch == epoch;)
        {
            reports.Add(trainer.Step(reader.Next()));
        }

        return [.. reports];
    }
}
