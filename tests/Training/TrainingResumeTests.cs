using System.Numerics;

namespace SpanRnn.Tests;

/// <summary>A run that is stopped at any step, saved as spans and counts, and continued by new objects gives the same bits.</summary>
public class TrainingResumeTests
{
    private static readonly int[] _lengths = [4, 0, 7, 1, 7, 3, 0, 5, 2, 6, 7];

    [Fact]
    public void Whole_sequences_in_shuffled_order_go_on()
    {
        foreach (SequenceProblem problem in TrainerTests.Problems())
        {
            GoesOn<double>(problem, chunk: 0, horizon: 0);
        }
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(2, 4)]
    [InlineData(1, 3)]
    public void Chunks_go_on(int chunk, int horizon)
    {
        foreach (SequenceProblem problem in TrainerTests.Problems().Where(problem => TrainerTests.IsCuttable(problem.Spec)))
        {
            GoesOn<float>(problem, chunk, horizon);
        }
    }

    private static void GoesOn<T>(SequenceProblem shape, int chunk, int horizon)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var problem = new SequenceProblem(shape.Spec, shape.Loss, shape.HasSymbols, _lengths);
        SequenceData<T> data = problem.Data<T>();
        Trainer<T> whole = Trainer<T>(problem);
        BatchReader<T> wholeReader = Reader();
        Trainer<T> resumed = Trainer<T>(problem);
        BatchReader<T> resumedReader = Reader();
        while (wholeReader.Epoch == 0 || wholeReader.Position < 3)
        {
            // Another run takes every step.
            (resumed, resumedReader) = (Continue(problem, resumed), ContinueReader(resumedReader));
            StepReport expected = whole.Step(wholeReader.Next());
            StepReport got = resumed.Step(resumedReader.Next());

            Assert.Equal(expected, got);
            Assert.Equal(whole.Parameters.ToArray(), resumed.Parameters.ToArray());
            Assert.Equal((wholeReader.Epoch, wholeReader.Position), (resumedReader.Epoch, resumedReader.Position));
            Assert.Equal((whole.Steps, whole.ClippedSteps), (resumed.Steps, resumed.ClippedSteps));
            Assert.Equal((whole.CarriedSteps, whole.CarriedBatch), (resumed.CarriedSteps, resumed.CarriedBatch));
        }

        BatchReader<T> Reader() => new(data, 3) { Shuffle = true, Seed = 5, Chunk = chunk, Horizon = horizon };

        BatchReader<T> ContinueReader(BatchReader<T> reader)
        {
            BatchReader<T> next = Reader();
            next.Seek(reader.Epoch, reader.Position);
            return next;
        }
    }

    private static Trainer<T> Trainer<T>(SequenceProblem problem)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => problem.Trainer<T>(new TrainerOptions(problem.Loss)
        {
            ClipNorm = 0.3,
            Dropout = 0.2,
            RecurrentDropout = 0.2,
            Seed = 9,
            Schedule = LearningRateSchedule.Cosine(0.02, 10).WithWarmUp(3),
        });

    private static Trainer<T> Continue<T>(SequenceProblem problem, Trainer<T> trainer)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Trainer<T> next = Trainer<T>(problem);
        trainer.Parameters.CopyTo(next.Parameters);
        for (int moment = 0; moment < trainer.Optimizer.MomentNames.Length; moment++)
        {
            trainer.Optimizer.Moment(moment).CopyTo(next.Optimizer.Moment(moment));
        }

        next.Optimizer.Steps = trainer.Optimizer.Steps;
        (next.Steps, next.ClippedSteps) = (trainer.Steps, trainer.ClippedSteps);
        Span<T> carried = next.RestoreCarried(trainer.CarriedSteps, trainer.CarriedBatch);
        for (int back = 1; back <= trainer.CarriedSteps; back++)
        {
            ReadOnlySpan<T> states = trainer.CarriedStates(back);
            states.CopyTo(carried[((back - 1) * states.Length)..]);
        }

        return next;
    }
}
