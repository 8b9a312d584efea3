using System.Numerics;
using SpanRnn.Core;

namespace SpanRnn.Cells;

/// <summary>Trains a network: forward, loss, backward, clipping, update. Owns parameters, gradients, tapes and everything between.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed class Trainer<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Makes a trainer; its parameters are zeros until they are written or initialised.</summary>
    /// <param name="spec">The network.</param>
    /// <param name="optimiser">Moves the parameters; its length is spec.Parameters.Length.</param>
    /// <param name="options">The rest.</param>
    public Trainer(NetworkSpec spec, Optimiser<T> optimiser, TrainerOptions options) => throw new NotImplementedException();

    /// <summary>The network.</summary>
    public NetworkSpec Spec => throw new NotImplementedException();

    /// <summary>How it is trained.</summary>
    public TrainerOptions Options => throw new NotImplementedException();

    /// <summary>What moves the parameters.</summary>
    public Optimiser<T> Optimiser => throw new NotImplementedException();

    /// <summary>[Spec.Parameters.Length], to be read and written.</summary>
    public Span<T> Parameters => throw new NotImplementedException();

    /// <summary>∂L/∂parameters of the last step, after clipping.</summary>
    public ReadOnlySpan<T> Gradients => throw new NotImplementedException();

    /// <summary>How many steps were taken; set it to continue a saved run.</summary>
    public long Steps { get; set; }

    /// <summary>How many of them were clipped; set it to continue a saved run.</summary>
    public long ClippedSteps { get; set; }

    /// <summary>How many steps back states are kept, for batches that carry on (the largest Carry so far).</summary>
    public int CarriedSteps => throw new NotImplementedException();

    /// <summary>Sequences of the kept states.</summary>
    public int CarriedBatch => throw new NotImplementedException();

    /// <summary>The states that steps before ended with: [CarriedSteps, CarriedBatch × Spec.StateSize], the newest first.</summary>
    public ReadOnlySpan<T> CarriedStates(int stepsBack) => throw new NotImplementedException();

    /// <summary>Makes room for kept states, which may then be written: to continue a saved run.</summary>
    public Span<T> RestoreCarried(int steps, int batch) => throw new NotImplementedException();

    /// <summary>What a checkpoint of this run is called in messages; null for none.</summary>
    public string? LastCheckpoint { get; set; }

    /// <summary>y of the last step or evaluation, [T, N, O] or [N, O] of a head on the last step.</summary>
    public ReadOnlySpan<T> Outputs => throw new NotImplementedException();

    /// <summary>‖∂L/∂h‖ of the last step, [layers, T], where Options.MeasuresStepNorms.</summary>
    public ReadOnlySpan<double> StepNorms => throw new NotImplementedException();

    /// <summary>One training step.</summary>
    /// <exception cref="TrainingException">The loss or a gradient is NaN or infinite; parameters and optimiser are as before.</exception>
    public StepReport Step(Batch<T> batch) => throw new NotImplementedException();

    /// <summary>The loss without learning and without dropout; nothing that training depends on changes.</summary>
    public double Evaluate(Batch<T> batch) => throw new NotImplementedException();

    /// <summary>The rest of an epoch of <paramref name="batches"/>, one step for every batch.</summary>
    /// <param name="batches">Where the batches come from.</param>
    /// <param name="report">Called after every step; null for none.</param>
    public void Epoch(BatchReader<T> batches, Action<StepReport>? report = null) => throw new NotImplementedException();

    /// <summary>Ends the threads.</summary>
    public void Dispose() => throw new NotImplementedException();
}
