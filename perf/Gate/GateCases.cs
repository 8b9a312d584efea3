using System.Numerics;

namespace SpanRnn.Perf;

/// <summary>Calls that the gate times, through the public methods, in float unless the name says double.</summary>
internal static class GateCases
{
    private const int Steps = 20;
    private const int Batch = 8;

    private static readonly RecurrentLayer _lstm = new(CellKind.Lstm, 64);

    /// <summary>All cases, with those of the short list.</summary>
    public static IReadOnlyList<GateCase> All { get; } =
    [
        new("A x, 512 by 256", false, () => MatrixVector<float>(512, 256)),
        new("A x, 64 by 17", false, () => MatrixVector<float>(64, 17)),
        new("packed A x, 512 by 256", true, () => PackedVector(512, 256)),
        new("packed A x, 64 by 17", false, () => PackedVector(64, 17)),
        new("packed A, 512 by 128, batch of 32", true, () => PackedBatch(512, 128, 32)),
        new("A' x, 512 by 256", false, () => TransposedMatrixVector(512, 256)),
        new("A x, 512 by 256, double", false, () => MatrixVector<double>(512, 256)),
        new("A B, 256 by 256 by 256", false, () => Product<float>(Matrix.Multiply, 256, 256, 256)),
        new("A B, 64 by 64 by 64", false, () => Product<float>(Matrix.Multiply, 64, 64, 64)),
        new("A B', 32 by 128 by 512", true, () => Product<float>(Matrix.MultiplyTransposedRight, 32, 128, 512)),
        new("A B', 320 by 128 by 512", false, () => Product<float>(Matrix.MultiplyTransposedRight, 320, 128, 512)),
        new("A' B + C, 512 by 320 by 128", true, () => Product<float>(Matrix.MultiplyTransposedLeftAdd, 512, 320, 128)),
        new("A B, 64 by 64 by 64, double", false, () => Product<double>(Matrix.Multiply, 64, 64, 64)),
        new("tanh, 1024", true, () => Activate<float>(ActivationKind.Tanh, 1024)),
        new("sigmoid, 1024", false, () => Activate<float>(ActivationKind.Sigmoid, 1024)),
        new("tanh, 1024, double", false, () => Activate<double>(ActivationKind.Tanh, 1024)),
        new("softmax, 1024", false, () => Softmax(1024)),
        new("packed step, LSTM 16", false, () => Step(CellKind.Lstm, 16)),
        new("packed step, LSTM 128", true, () => Step(CellKind.Lstm, 128)),
        new("packed step, LSTM 128, bf16", false, () => Step(CellKind.Lstm, 128, WeightPrecision.Bf16)),
        new("packed step, LSTM 128, int8", true, () => Step(CellKind.Lstm, 128, WeightPrecision.Int8)),
        new("packed step, GRU reset after 128", false, () => Step(CellKind.GruResetAfter, 128)),
        new("packed step, GRU reset before 128", false, () => Step(CellKind.GruResetBefore, 128)),
        new("packed step, Elman 128", false, () => Step(CellKind.Elman, 128)),
        new("packed step, LSTM 64", false, () => Step(64, _lstm)),
        new("packed step, affine below LSTM 64", false, () => Step(64, new AffineLayer(), _lstm)),
        new("packed step, LSTM 64, affine", false, () => Step(64, _lstm, new AffineLayer())),
        new("packed step, LSTM 64, layer normalization", false, () => Step(64, _lstm, new NormalizationLayer(FeatureNormalization.Layer))),
        new("packed step, LSTM 64, mean", false, () => Step(64, _lstm, new PoolLayer(Pooling.Mean))),
        new("packed step, LSTM 64 in a skip", false, () => Step(64, _lstm, new SkipLayer(0) { Scale = SkipScale.PerFeature })),
        new("packed step of 32 streams, LSTM 128", true, () => StepMany(CellKind.Lstm, 128, 32)),
        new("packed run of 20 by 8, LSTM 128", false, () => Run(CellKind.Lstm, 128)),
        new("forward, LSTM 64", false, () => Forward(CellKind.Lstm, 64)),
        new("forward, GRU reset after 64", false, () => Forward(CellKind.GruResetAfter, 64)),
        new("forward, GRU reset before 64", false, () => Forward(CellKind.GruResetBefore, 64)),
        new("forward, Elman 64", false, () => Forward(CellKind.Elman, 64)),
        new("backward, LSTM 64", false, () => Backward(CellKind.Lstm, 64)),
        new("backward, GRU reset after 64", false, () => Backward(CellKind.GruResetAfter, 64)),
        new("backward, GRU reset before 64", false, () => Backward(CellKind.GruResetBefore, 64)),
        new("backward, Elman 64", false, () => Backward(CellKind.Elman, 64)),
        new("forward and backward of 5 by 32, LSTM 128", true, () => Both(CellKind.Lstm, 128)),
        new("forward and backward of 5 by 32, GRU reset after 128", true, () => Both(CellKind.GruResetAfter, 128)),
        new("forward and backward of 5 by 32, Elman 128", false, () => Both(CellKind.Elman, 128)),
    ];

    private delegate void MatrixProduct<T>(
        ReadOnlySpan<T> a, ReadOnlySpan<T> b, int rows, int inner, int columns, Span<T> c, Span<T> workspace);

    private static Action MatrixVector<T>(int rows, int columns)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        AlignedBuffer<T> a = Random<T>(rows * columns);
        AlignedBuffer<T> x = Random<T>(columns);
        AlignedBuffer<T> y = Random<T>(rows);
        return () => Matrix.Multiply<T>(a.Span, rows, columns, x.Span, y.Span);
    }

    private static Action PackedVector(int rows, int columns) => PackedBatch(rows, columns, 1);

    private static Action PackedBatch(int rows, int columns, int batch)
    {
        var a = new PackedMatrix<float>(Random<float>(rows * columns).Span, rows, columns);
        AlignedBuffer<float> x = Random<float>(batch * columns);
        AlignedBuffer<float> y = Random<float>(batch * rows);
        return () => a.Multiply(x.Span, batch, y.Span);
    }

    private static Action TransposedMatrixVector(int rows, int columns)
    {
        AlignedBuffer<float> a = Random<float>(rows * columns);
        AlignedBuffer<float> x = Random<float>(rows);
        AlignedBuffer<float> y = Random<float>(columns);
        return () => Matrix.MultiplyTransposed<float>(a.Span, rows, columns, x.Span, y.Span);
    }

    // The matrix that a product is added to grows by the same amount each time, so that its numbers stay ordinary.
    private static Action Product<T>(MatrixProduct<T> product, int rows, int inner, int columns)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        AlignedBuffer<T> a = Random<T>(rows * inner);
        AlignedBuffer<T> b = Random<T>(inner * columns);
        AlignedBuffer<T> c = Random<T>(rows * columns);
        var workspace = new AlignedBuffer<T>(Matrix.WorkspaceLength<T>(rows, inner, columns));
        return () => product(a.Span, b.Span, rows, inner, columns, c.Span, workspace.Span);
    }

    private static Action Activate<T>(ActivationKind activation, int length)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        AlignedBuffer<T> a = Random<T>(length);
        var y = new AlignedBuffer<T>(length);
        return () => Activations.Apply<T>(activation, a.Span, y.Span);
    }

    private static Action Softmax(int length)
    {
        AlignedBuffer<float> a = Random<float>(length);
        var y = new AlignedBuffer<float>(length);
        return () => Activations.Softmax<float>(a.Span, y.Span);
    }

    private static Action Step(CellKind cell, int size, WeightPrecision precision = WeightPrecision.Fp32) =>
        Step(new NetworkSpec(size, new RecurrentLayer(cell, size)), precision);

    private static Action Step(int inputSize, params LayerSpec[] layers) =>
        Step(new NetworkSpec(inputSize, layers), WeightPrecision.Fp32);

    private static Action Step(NetworkSpec spec, WeightPrecision precision)
    {
        var network = new PackedNetwork(spec, Parameters(spec).Span, precision);
        AlignedBuffer<float> x = Random<float>(spec.InputSize);
        var y = new AlignedBuffer<float>(spec.OutputSize);
        StreamState state = network.CreateStream();
        return () => state.Step(x.Span, y.Span);
    }

    private static Action StepMany(CellKind cell, int size, int count)
    {
        (PackedNetwork network, StreamState[] states) = Packed(cell, size, count);
        AlignedBuffer<float> x = Random<float>(count * size);
        var y = new AlignedBuffer<float>(x.Length);
        var workspace = new AlignedBuffer<float>(network.StepManyWorkspaceLength(count));
        return () => network.StepMany(x.Span, states, y.Span, workspace.Span);
    }

    private static Action Run(CellKind cell, int size)
    {
        (PackedNetwork network, StreamState[] states) = Packed(cell, size, Batch);
        var layout = new SequenceLayout();
        layout.Set(Steps, Batch);
        AlignedBuffer<float> x = Random<float>(network.Spec.InputLength(layout.Steps, layout.Batch));
        var y = new AlignedBuffer<float>(network.Spec.OutputLength(layout.Steps, layout.Batch));
        var workspace = new AlignedBuffer<float>(network.RunWorkspaceLength(layout));
        return () => network.Run(layout, x.Span, states, y.Span, workspace.Span);
    }

    private static (PackedNetwork Network, StreamState[] States) Packed(CellKind cell, int size, int count)
    {
        var spec = new NetworkSpec(size, new RecurrentLayer(cell, size));
        var network = new PackedNetwork(spec, Parameters(spec).Span);
        return (network, [.. Enumerable.Range(0, count).Select(_ => network.CreateStream())]);
    }

    private static Action Forward(CellKind cell, int size) => Training(cell, size).Forward;

    private static Action Backward(CellKind cell, int size)
    {
        (Action forward, Action backward) = Training(cell, size);
        forward();
        return backward;
    }

    // Few steps, since the gate starts some fifty processes.
    private static Action Both(CellKind cell, int size)
    {
        (Action forward, Action backward) = Training(cell, size, steps: 5, batch: 32);
        return () =>
        {
            forward();
            backward();
        };
    }

    private static (Action Forward, Action Backward) Training(CellKind cell, int size, int steps = Steps, int batch = Batch)
    {
        var network = new Network<float>(new NetworkSpec(size, new RecurrentLayer(cell, size)));
        var layout = new SequenceLayout();
        layout.Set(steps, batch);
        AlignedBuffer<float> parameters = Parameters(network.Spec);
        var gradients = new AlignedBuffer<float>(parameters.Length);
        var tape = new AlignedBuffer<float>(network.TapeLength(layout));
        var workspace = new AlignedBuffer<float>(network.WorkspaceLength(layout));
        AlignedBuffer<float> x = Random<float>(network.Spec.InputLength(layout.Steps, layout.Batch));
        AlignedBuffer<float> dy = Random<float>(network.Spec.OutputLength(layout.Steps, layout.Batch));
        var y = new AlignedBuffer<float>(dy.Length);
        var dx = new AlignedBuffer<float>(x.Length);
        var state = new AlignedBuffer<float>(network.StateLength(batch));
        var dState = new AlignedBuffer<float>(state.Length);
        return (Forward, Backward);

        void Forward()
        {
            state.Span.Clear();
            network.Forward(parameters.Span, layout, x.Span, state.Span, y.Span, tape.Span, workspace.Span);
        }

        void Backward()
        {
            dState.Span.Clear();
            gradients.Span.Clear();
            var buffers = new BackwardBuffers<float> { Dy = dy.Span, DState = dState.Span, Dx = dx.Span, Gradients = gradients.Span };
            network.Backward(parameters.Span, layout, tape.Span, buffers, workspace.Span);
        }
    }

    private static AlignedBuffer<float> Parameters(NetworkSpec spec)
    {
        var parameters = new AlignedBuffer<float>(spec.Parameters.Length);
        spec.Initialize(parameters.Span, new RandomSource(1));
        return parameters;
    }

    private static AlignedBuffer<T> Random<T>(int length)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var buffer = new AlignedBuffer<T>(length);
        new RandomSource(1).Fill(buffer.Span, -1, 1);
        return buffer;
    }
}
