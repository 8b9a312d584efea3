using SpanRnn.Cells.Training.Loop;

namespace SpanRnn;

/// <content>Memory of a step, rented from the pool, and of its results, which are read later and are the trainer's own.</content>
public sealed partial class Trainer<T>
{
    private readonly BufferPool<T> _pool;
    private AlignedBuffer<T> _y = new(0);
    private double[] _stepNorms = [];
    private int _stepNormsLength;
    private int _outputLength;
    private int _longestTape;

    /// <summary>
    /// y of the last step or evaluation, [T, N, O], or [N, O] if Spec.IsManyToOne. The memory is the trainer's own; the next step
    /// or evaluation overwrites it.
    /// </summary>
    public ReadOnlySpan<T> Outputs => _y.Span[.._outputLength];

    /// <summary>
    /// ‖∂L/∂h‖ of the last step, [layers, T], if Options.MeasuresStepNorms; of layers that are not recurrent ‖∂L/∂y‖, 0 where
    /// the output is one row per sequence. Otherwise empty. The memory is the trainer's own; the next step overwrites it.
    /// </summary>
    public ReadOnlySpan<double> StepNorms => _stepNorms.AsSpan(0, _stepNormsLength);

    /// <summary>Rents memory for a batch, once there is room for the largest that is to come.</summary>
    private StepMemory<T> Rent(Batch<T> batch)
    {
        bool symbols = batch.Shape.HasSymbols;
        MakeRoom(batch.Largest, batch.IsWeighted);
        MakeRoom(batch.Layout, batch.IsWeighted);
        new StepMemory<T>(_pool, _network, batch.Largest, symbols).Dispose();
        return new StepMemory<T>(_pool, _network, batch.Layout, symbols);
    }

    /// <summary>Makes room in all that the trainer does not rent.</summary>
    private void MakeRoom(SequenceLayout layout, bool isWeighted)
    {
        int outputs = Spec.OutputLength(layout.Steps, layout.Batch);
        if (_y.Length < outputs)
        {
            // Dropped before the new one is made.
            _y = new AlignedBuffer<T>(0);
            _y = new AlignedBuffer<T>(outputs);
        }

        int tape = _network.TapeLength(layout);
        if (tape > _longestTape)
        {
            // A longer tape needs longer masks.
            _dropout?.Draw(layout, Options.Seed, Steps);
            _longestTape = tape;
        }

        Arrays.MakeRoom(ref _labels, Options.Loss == Loss.SoftmaxCrossEntropy ? Math.Max(layout.Rows, layout.Batch) : 0);
        Arrays.MakeRoom(ref _weights, isWeighted ? Math.Max(layout.Rows, layout.Batch) : 0);
        Arrays.MakeRoom(ref _outputSteps, layout.Batch);
    }

    /// <summary>Makes room for the norms of a step, which an evaluation leaves as they are.</summary>
    private void MakeRoomForNorms(Batch<T> batch)
    {
        if (Options.MeasuresStepNorms)
        {
            Arrays.MakeRoom(ref _stepNorms, Spec.Layers.Length * Math.Max(batch.Largest.Steps, batch.Layout.Steps));
        }
    }
}
