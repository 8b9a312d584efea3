using System.Numerics;

namespace SpanRnn.Tests;

/// <summary>NaN or infinite losses and gradients stop training before anything has changed, and the sentence says where.</summary>
public class TrainingStopTests
{
    private static readonly NetworkSpec _spec = new(2, new RecurrentLayer(CellKind.Elman, 3) { Activation = ActivationKind.Identity });

    [Theory]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "NaN")]
    [InlineData(1e200, "Infinity")]
    public void A_loss_that_is_no_number_stops(double x, string found)
    {
        using Trainer<double> trainer = Trained<double>(out Batch<double> batch);
        batch.Inputs[0] = x;
        string message = Stops(trainer, batch, 3, "loss");

        Assert.Equal($"The loss of step 3 is {found}, expected a finite number.", message);
    }

    [Fact]
    public void The_last_good_checkpoint_is_named()
    {
        using Trainer<double> trainer = Trained<double>(out Batch<double> batch);
        batch.Inputs[0] = double.NaN;
        trainer.LastCheckpoint = "run.safetensors";
        string message = Stops(trainer, batch, 3, "loss");

        Assert.Equal("The loss of step 3 is NaN, expected a finite number; last good checkpoint: run.safetensors.", message);
    }

    [Fact]
    public void A_gradient_beyond_all_numbers_stops()
    {
        // h = 1e-200 · 1e200, L = (1 − 1e150)²: numbers; dL/dW = 2·(1 − 1e150)·1e200 is none.
        using Trainer<double> trainer = OneStep(1e200, out Batch<double> batch);
        trainer.Parameters.Fill(1e-200);
        string message = Stops(trainer, batch, 0, "layer0.forward.input_weights");

        Assert.Equal(
            "The gradient of 'layer0.forward.input_weights' has -Infinity in step 0, expected finite numbers.", message);
    }

    [Fact]
    public void A_norm_beyond_all_numbers_stops()
    {
        // Two gradients of 1.5e308.
        using Trainer<double> trainer = OneStep(0.75e158, out Batch<double> batch);
        trainer.Parameters.Clear();
        string message = Stops(trainer, batch, 0, "gradients");

        Assert.Equal(
            "The norm of the gradients of step 0 is Infinity though each gradient is finite, expected a norm within Double.", message);
    }

    [Fact]
    public void More_states_than_fit_are_refused_before_the_update()
    {
        using Trainer<double> trainer = Trained<double>(out Batch<double> batch);
        batch.Keep = int.MaxValue;
        double[] before = Everything(trainer);

        Assert.Throws<OverflowException>(() => trainer.Step(batch));
        Assert.Equal(before, Everything(trainer));
    }

    private static Trainer<T> Trained<T>(out Batch<T> batch)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var problem = new SequenceProblem(_spec, Loss.MeanSquaredError, symbols: false, [6, 6]);
        Trainer<T> trainer = problem.Trainer<T>(optimizer: new Adam<T>(_spec.Parameters.Length));
        var reader = new BatchReader<T>(problem.Data<T>(), 2) { Chunk = 2 };
        for (int i = 0; i < 3; i++)
        {
            trainer.Step(reader.Next());
        }

        reader.Seek(0, 1);
        batch = reader.Next();
        Assert.Equal(1, batch.Carry);
        return trainer;
    }

    // Two inputs of a linear unit, one step, target 1e150.
    private static Trainer<double> OneStep(double x, out Batch<double> batch)
    {
        var spec = new NetworkSpec(2, new RecurrentLayer(CellKind.Elman, 1) { Activation = ActivationKind.Identity, Bias = false });
        batch = new Batch<double>(spec, Loss.MeanSquaredError, symbols: false);
        batch.Set(1, [1]);
        batch.Inputs.Fill(x);
        batch.Targets.Fill(1e150);
        return new Trainer<double>(
            spec, new Sgd<double>(spec.Parameters.Length) { Momentum = 0.9 }, new TrainerOptions(Loss.MeanSquaredError) { ClipValue = 1 });
    }

    private static string Stops<T>(Trainer<T> trainer, Batch<T> batch, long step, string tensor)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] before = Everything(trainer);
        TrainingException e = Assert.Throws<TrainingException>(() => trainer.Step(batch));
        Assert.Equal(before, Everything(trainer));
        Assert.Equal((step, tensor), (e.Step, e.Tensor));
        return e.Message;
    }

    private static T[] Everything<T>(Trainer<T> trainer)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
    [
        .. trainer.Parameters,
        .. Enumerable.Range(0, trainer.Optimizer.MomentNames.Length).SelectMany(i => trainer.Optimizer.Moment(i).ToArray()),
        .. Enumerable.Range(1, trainer.CarriedSteps).SelectMany(back => trainer.CarriedStates(back).ToArray()),
        T.CreateTruncating(trainer.Steps),
        T.CreateTruncating(trainer.Optimizer.Steps),
        T.CreateTruncating(trainer.CarriedSteps),
    ];
}
