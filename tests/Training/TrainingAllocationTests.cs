using System.Numerics;

namespace SpanRnn.Tests;

/// <summary>After the first batch a run over a reader allocates nothing, whatever the shapes of the batches.</summary>
[Trait("Category", "Simd")]
public class TrainingAllocationTests
{
    private static readonly int[] _lengths = [4, 0, 7, 1, 7, 3, 0, 5, 2, 6, 7, 7, 1];

    [Fact]
    public void Epochs_of_ragged_shuffled_batches_allocate_nothing_after_the_first_batch()
    {
        foreach (SequenceProblem problem in TrainerTests.Problems())
        {
            Epochs<double>(problem, chunk: 0, horizon: 0);
        }

        Epochs<float>(TrainerTests.Problems().First(), chunk: 0, horizon: 0);
    }

    [Fact]
    public void Chunks_with_carried_states_allocate_nothing_after_the_first_batches()
    {
        foreach (SequenceProblem problem in TrainerTests.Problems().Where(problem => TrainerTests.IsCuttable(problem.Spec)))
        {
            Epochs<double>(problem, chunk: 2, horizon: 0);
            Epochs<float>(problem, chunk: 2, horizon: 4);
        }
    }

    [Fact]
    public void An_evaluation_allocates_nothing()
    {
        SequenceProblem problem = TrainerTests.Problems().First();
        using Trainer<double> trainer = problem.Trainer<double>();
        var reader = new BatchReader<double>(problem.Data<double>(), 4) { Shuffle = true };
        double sum = 0;
        Allocation.AssertNone(() => sum += trainer.Evaluate(reader.Next()));
    }

    // The bytes of all epochs but the first batch, in one measurement: a repetition would have seen every shape. Allocations of the
    // steps are in every attempt; collections that other threads start are not.
    private static void Epochs<T>(SequenceProblem shape, int chunk, int horizon)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var problem = new SequenceProblem(shape.Spec, shape.Loss, shape.HasSymbols, _lengths);
        long smallest = long.MaxValue;
        for (int attempt = 0; attempt < 10 && smallest > 0; attempt++)
        {
            using Trainer<T> trainer = problem.Trainer<T>(new TrainerOptions(problem.Loss)
            {
                ClipNorm = 0.5,
                ClipValue = 0.1,
                Dropout = 0.2,
                RecurrentDropout = 0.2,
                MeasuresStepNorms = true,
                Schedule = LearningRateSchedule.Constant(0.01),
            });
            var reader = new BatchReader<T>(problem.Data<T>(), 3) { Shuffle = true, Seed = 3, Chunk = chunk, Horizon = horizon };
            trainer.Step(reader.Next());
            long before = GC.GetAllocatedBytesForCurrentThread();
            while (reader.Epoch < 4)
            {
                trainer.Step(reader.Next());
            }

            smallest = Math.Min(smallest, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.True(smallest == 0, $"Steps of {problem} in chunks of {chunk} allocated {smallest} bytes, expected 0.");
    }
}
