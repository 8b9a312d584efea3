namespace SpanRnn;

/// <content>Everything between parameters and gradients, made once for the largest batch.</content>
public sealed partial class Trainer<T>
{
    private AlignedBuffer<T> _x = new(0);
    private AlignedBuffer<T> _dx = new(0);
    private AlignedBuffer<T> _y = new(0);
    private AlignedBuffer<T> _dy = new(0);
    private AlignedBuffer<T> _state = new(0);
    private AlignedBuffer<T> _dState = new(0);
    private AlignedBuffer<T> _tape = new(0);
    private AlignedBuffer<T> _workspace = new(0);
    private double[] _stepNorms = [];
    private int _stepNormsLength;
    private int _outputLength;

    /// <summary>y of the last step or evaluation, [T, N, O] or [N, O] of a head on the last step.</summary>
    public ReadOnlySpan<T> Outputs => _y.Span[.._outputLength];

    /// <summary>
    /// ‖∂L/∂h‖ of the last step, [layers, T], where Options.MeasuresStepNorms; of dense layers ‖∂L/∂y‖, 0 above the last recurrent one
    /// where the head reads the end of a sequence. Else empty.
    /// </summary>
    public ReadOnlySpan<double> StepNorms => _stepNorms.AsSpan(0, _stepNormsLength);

    private void MakeRoom(Batch<T> batch)
    {
        MakeRoom(batch.Largest, batch.Shape.HasSymbols);
        MakeRoom(batch.Layout, batch.Shape.HasSymbols);
#if DEBUG
        // As a pool does: whoever reads what he has not written is found out.
        foreach (AlignedBuffer<T> buffer in (ReadOnlySpan<AlignedBuffer<T>>)[_x, _dx, _y, _dy, _state, _dState, _tape, _workspace])
        {
            buffer.Span.Fill(T.NaN);
        }
#endif
    }

    private void MakeRoom(SequenceLayout layout, bool symbols)
    {
        int outputs = Spec.OutputLength(layout.Steps, layout.Batch);
        int tape = _network.TapeLength(layout);
        if (tape > _tape.Length)
        {
            // Masks want room too.
            _dropout?.Draw(layout, Options.Seed, Steps);
        }

        Grow(ref _x, symbols ? Spec.InputLength(layout.Steps, layout.Batch) : 0);
        Grow(ref _dx, Spec.Embedding is null ? 0 : Spec.InputLength(layout.Steps, layout.Batch));
        Grow(ref _y, outputs);
        Grow(ref _dy, outputs);
        Grow(ref _state, _network.StateLength(layout.Batch));
        Grow(ref _dState, _network.StateLength(layout.Batch));
        Grow(ref _tape, tape);

        // Between forward and backward it holds the rows of y and of the targets.
        Grow(ref _workspace, Math.Max(_network.WorkspaceLength(layout), checked(2 * outputs)));
        Grow(ref _labels, Options.Loss == Loss.SoftmaxCrossEntropy ? Math.Max(layout.Rows, layout.Batch) : 0);
        Grow(ref _outputSteps, layout.Batch);
        Grow(ref _stepNorms, Options.MeasuresStepNorms ? Spec.Layers.Length * layout.Steps : 0);
    }

    private static void Grow(ref AlignedBuffer<T> buffer, int length)
    {
        if (buffer.Length < length)
        {
            // Not exactly the old one and the new one at once: a tape may be most of the memory there is.
            buffer = new AlignedBuffer<T>(0);
            buffer = new AlignedBuffer<T>(length);
        }
    }

    private static void Grow<TValue>(ref TValue[] values, int length)
    {
        if (values.Length < length)
        {
            values = new TValue[length];
        }
    }
}
