using System.Numerics;
using SpanRnn.Cells.Training;
using SpanRnn.Cells.Training.Loop;
using SpanRnn.Core;

namespace SpanRnn;

/// <summary>
/// Trains a network: forward, loss, backward, clipping, update. Owns parameters, gradients and what is read after a step; rents the
/// memory that a step needs until it ends.
/// </summary>
/// <remarks>
/// <para>A step takes x, or the embedding's rows of symbols, and starts from initial states or from those of an earlier step. It runs
/// <see cref="Network{T}.Forward"/>, takes the loss and ∂L/∂y over what is counted, and runs <see cref="Network{T}.Backward"/>. Then it
/// clips the values and after them the norm of the gradients, sets the schedule's learning rate and calls the optimizer.</para>
/// <para>The loss is a mean over live steps from Batch.FirstCounted on, or with one output per sequence over the sequences that are not
/// empty; with targets it is a mean over the O numbers of each output as well. With weights it is a weighted mean, Σ w·L / Σ w: w is the
/// weight of the output times that of its label's class, and 0 for a negative label. If nothing is counted, the loss and its gradient are
/// 0, and the optimizer steps as always: its momentum and weight decay go on.</para>
/// <para>The result of a step depends on <see cref="Parameters"/>, the optimizer, <see cref="Steps"/>, the kept states and the batch
/// alone. On one instruction set its bits are the same for any number of threads and any pool. If these and the reader's place are saved,
/// a run goes on as if it had not been interrupted.</para>
/// <para>Allocates nothing for a batch that is no larger in steps, sequences and rows than one before it. A reader's batches make room for
/// the largest at once. Belongs to one thread at a time, together with all trainers that share its pool.</para>
/// </remarks>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public sealed partial class Trainer<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly WorkerPool? _workers;
    private readonly Network<T> _network;
    private readonly Dropout<T>? _dropout;
    private readonly AlignedBuffer<T> _parameters;
    private readonly AlignedBuffer<T> _gradients;
    private bool _disposed;

    /// <summary>
    /// Makes a trainer. Its parameters have the starting values of <see cref="NetworkSpec.Initialize"/> from the seed of the options; write
    /// others over them.
    /// </summary>
    /// <param name="spec">The network.</param>
    /// <param name="optimizer">Updates the parameters; its length is spec.Parameters.Length.</param>
    /// <param name="options">All other settings.</param>
    /// <param name="pool">
    /// Lends the memory of a step, for as long as the step runs; trainers that belong to one thread may share it. Null for a pool of the
    /// trainer's own.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The optimizer has another length; or the loss is a cross-entropy, which takes logits, and the network ends in an activation
    /// or a normalization; or there are class weights without labels, or not one for each class.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range; the message names it.</exception>
    public Trainer(NetworkSpec spec, Optimizer<T> optimizer, TrainerOptions options, BufferPool<T>? pool = null)
    {
        Guard.Precision<T>();
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(options);
        Check(options);
        Check(options.Loss, spec);
        if (optimizer.Length != spec.Parameters.Length)
        {
            throw new ArgumentException(
                $"'optimizer' has the length {optimizer.Length}, expected {spec.Parameters.Length} = spec.Parameters.Length.",
                nameof(optimizer));
        }

        _classWeights = ClassWeights(options, spec);
        Spec = spec;
        Optimizer = optimizer;
        Options = options;
        _pool = pool ?? new BufferPool<T>();
        _workers = options.Threads > 1 ? new WorkerPool(options.Threads) : null;
        _network = new Network<T>(spec, _workers);
        _dropout = options.Dropout > 0 || options.RecurrentDropout > 0
            ? new Dropout<T>(spec, options.Dropout, options.RecurrentDropout)
            : null;
        _parameters = new AlignedBuffer<T>(spec.Parameters.Length);
        _gradients = new AlignedBuffer<T>(spec.Parameters.Length);

        // Zeros would stay alike for ever.
        spec.Initialize(_parameters.Span, new RandomSource(options.Seed));
    }

    /// <summary>The network.</summary>
    public NetworkSpec Spec { get; }

    /// <summary>Settings of the training.</summary>
    public TrainerOptions Options { get; }

    /// <summary>Updates the parameters after every step.</summary>
    public Optimizer<T> Optimizer { get; }

    /// <summary>Parameters of the network, [Spec.Parameters.Length], to be read and written.</summary>
    public Span<T> Parameters => _parameters.Span;

    /// <summary>∂L/∂parameters of the last step, after clipping, [Spec.Parameters.Length].</summary>
    public ReadOnlySpan<T> Gradients => _gradients.Span;

    /// <summary>Number of steps taken; set it to continue a saved run.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public long Steps
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    }

    /// <summary>Number of steps with clipped gradients, all or some; set it to continue a saved run.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public long ClippedSteps
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            field = value;
        }
    }

    /// <summary>Name of the last checkpoint, for messages; null for none.</summary>
    public string? LastCheckpoint { get; set; }

    /// <summary>Takes one training step.</summary>
    /// <param name="batch">The sequences; not kept.</param>
    /// <returns>Loss, gradient norm and size of the step.</returns>
    /// <exception cref="TrainingException">
    /// The loss or a gradient is NaN or infinite; parameters, optimizer, <see cref="Steps"/> and kept states are as before.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// The batch is for another network or loss, carries on from states that are not kept, or has a number out of its range; nothing has
    /// changed.
    /// </exception>
    /// <exception cref="InvalidOperationException">A layer has an activation without a derivative.</exception>
    /// <exception cref="OverflowException">A buffer for the batch would have more than 2³¹ − 1 numbers.</exception>
    public StepReport Step(Batch<T> batch)
    {
        double weight = Check(batch);
        using StepMemory<T> memory = Rent(batch);
        SequenceLayout layout = batch.Layout;
        _dropout?.Draw(layout, Options.Seed, Steps);
        double loss = Forward(batch, Carried(batch), memory, _dropout);
        if (!double.IsFinite(loss))
        {
            ThrowLoss(loss);
        }

        Backward(batch, memory);
        double norm = Clip(out double clippedFraction);
        if (Options.Schedule is { } schedule)
        {
            Optimizer.LearningRate = schedule.At(Steps);
        }

        Optimizer.Step(_parameters.Span, _gradients.Span);
        KeepStates(batch, memory.State);
        ClippedSteps += clippedFraction > 0 ? 1 : 0;
        return new StepReport(Steps++, loss, norm, clippedFraction, Optimizer.LearningRate, layout.Live(0), layout.Rows, weight);
    }

    /// <summary>
    /// Computes the loss without learning and without dropout. A batch that carries on starts from the kept states. Nothing changes that
    /// training depends on.
    /// </summary>
    /// <param name="batch">The sequences.</param>
    /// <returns>The loss; it may be NaN or infinite.</returns>
    /// <exception cref="ArgumentException">As in <see cref="Step"/>.</exception>
    /// <exception cref="OverflowException">As in <see cref="Step"/>.</exception>
    public double Evaluate(Batch<T> batch)
    {
        Check(batch);
        using StepMemory<T> memory = Rent(batch);
        return Forward(batch, Carried(batch), memory, dropout: null);
    }

    /// <summary>Ends the threads; there is no step or evaluation afterwards.</summary>
    public void Dispose()
    {
        _disposed = true;
        _workers?.Dispose();
    }

    private ReadOnlySpan<T> Carried(Batch<T> batch) => batch.Carry == 0 ? default : CarriedStates(batch.Carry);

    // A batch that carries on starts from the carried states.
    private double Forward(Batch<T> batch, ReadOnlySpan<T> carried, in StepMemory<T> memory, Dropout<T>? dropout)
    {
        SequenceLayout layout = batch.Layout;
        ReadOnlySpan<T> x = batch.Inputs;
        if (batch.Shape.HasSymbols)
        {
            _network.Embed(_parameters.Span, layout, batch.Symbols, memory.X);
            x = memory.X;
        }

        if (batch.Carry == 0)
        {
            _network.WriteInitialState(_parameters.Span, layout.Batch, memory.State);
        }
        else
        {
            carried.CopyTo(memory.State);
        }

        _outputLength = Spec.OutputLength(layout.Steps, layout.Batch);
        Span<T> y = _y.Span[.._outputLength];
        _network.ForwardMasked(_parameters.Span, layout, x, memory.State, y, memory.Tape, memory.Workspace, dropout);
        return LossOf(batch, y, memory);
    }

    private void Backward(Batch<T> batch, in StepMemory<T> memory)
    {
        SequenceLayout layout = batch.Layout;
        Span<T> gradients = _gradients.Span;
        MakeRoomForNorms(batch);
        _stepNormsLength = Options.MeasuresStepNorms ? Spec.Layers.Length * layout.Steps : 0;
        memory.DState.Clear();
        gradients.Clear();
        var buffers = new BackwardBuffers<T>
        {
            Dy = memory.Dy,
            DState = memory.DState,
            Dx = memory.Dx,
            Gradients = gradients,
            StepNorms = _stepNorms.AsSpan(0, _stepNormsLength),
            Dropout = _dropout,
        };
        _network.Backward(_parameters.Span, layout, memory.Tape, buffers, memory.Workspace);
        if (batch.Carry == 0)
        {
            _network.AddInitialStateGradients(layout.Batch, memory.DState, gradients);
        }

        if (Spec.Embedding is not null)
        {
            _network.AddEmbeddingGradients(layout, batch.Symbols, memory.Dx, gradients);
        }
    }

    // Returns the norm before clipping, of numbers that are all finite.
    private double Clip(out double clippedFraction)
    {
        Span<T> gradients = _gradients.Span;
        T maximumNorm = T.CreateTruncating(Options.ClipNorm);
        bool clipsValues = double.IsFinite(Options.ClipValue);
        T norm = GradientClipping.ClipNorm(gradients, clipsValues ? T.PositiveInfinity : maximumNorm);
        if (!T.IsFinite(norm))
        {
            ThrowGradients(norm);
        }

        T left = norm;
        int changed = 0;
        if (clipsValues)
        {
            changed = GradientClipping.ClipValue(gradients, T.CreateTruncating(Options.ClipValue));
            left = GradientClipping.ClipNorm(gradients, maximumNorm);
        }

        // The condition of GradientClipping.ClipNorm.
        bool clipsNorm = left > T.Zero && double.CreateTruncating(maximumNorm) / (double.CreateTruncating(left) + 1e-6) < 1;
        clippedFraction = clipsNorm ? 1 : (double)changed / Spec.Parameters.Count;
        return double.CreateTruncating(norm);
    }
}
