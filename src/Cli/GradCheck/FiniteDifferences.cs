namespace SpanRnn.Cli.GradCheck;

/// <summary>Comparison of a gradient with central differences in double, tensor by tensor, on all cores.</summary>
internal sealed class FiniteDifferences
{
    // So small that the bar moves, so large that the cost of a chunk itself does not matter.
    private const int ChunkLength = 8;

    // Steps of a second look. The small one crosses hardly any kink; the error of the formula is smaller, that of rounding larger.
    private const double SmallStep = 1e-7;
    private const double LargerStep = 1e-6;

    // The least difference of the slopes at a kink, beyond rounding, and the same in multiples of the noise of a slope.
    private const double LeastJump = 1e-5;
    private const double LeastJumpInNoise = 32;

    // Of double, as in GradientCheck.
    private const double Epsilon = 2.220446049250313e-16;

    private readonly Func<ModelLoss<double>> _makeLoss;
    private readonly double[] _point;
    private readonly double[] _gradient;
    private readonly double _tolerance;
    private readonly bool _kinks;
    private readonly bool _perTensor;
    private readonly double _noise;

    /// <param name="makeLoss">Makes the function for one thread.</param>
    /// <param name="point">The point of the gradient.</param>
    /// <param name="gradient">The analytic gradient.</param>
    /// <param name="tolerance">The largest error that passes.</param>
    /// <param name="scale">The magnitude below which errors are absolute.</param>
    /// <param name="kinks">True if the function has kinks.</param>
    /// <param name="perTensor">True if errors are relative to the largest number of their tensor, false to their own element.</param>
    public FiniteDifferences(
        Func<ModelLoss<double>> makeLoss, double[] point, double[] gradient, double tolerance, double scale, bool kinks, bool perTensor)
    {
        // Outputs are exact to a few ε of themselves, so a slope is exact to this over its step. If that is more than the tolerance,
        // as with outputs of a million, errors are measured on a larger scale.
        _noise = Epsilon * makeLoss().CenterAt(point);
        _makeLoss = makeLoss;
        _point = point;
        _gradient = gradient;
        _tolerance = tolerance;
        double exact = _noise / (Math.Cbrt(Epsilon) * tolerance);
        Scale = exact > scale && double.IsFinite(exact) ? exact : scale;
        _kinks = kinks;
        _perTensor = perTensor;
    }

    /// <summary>The magnitude below which errors are absolute: what was asked for, or more if differences are not that exact.</summary>
    public double Scale { get; }

    /// <summary>Checks every element of every tensor.</summary>
    /// <param name="tensors">The tensors.</param>
    /// <param name="progress">Called with the share that is done, by one thread at a time.</param>
    public TensorFinding[] Check(IReadOnlyList<CheckedTensor> tensors, Action<double> progress)
    {
        List<Chunk> chunks = [.. tensors.SelectMany(Chunks)];
        var findings = new TensorFinding[chunks.Count];
        var done = new Lock();
        int count = 0;
        Parallel.For(
            0,
            chunks.Count,
            () => new Worker(_makeLoss(), _point, _gradient, _tolerance),
            (i, _, worker) =>
            {
                findings[i] = Check(chunks[i], worker);
                lock (done)
                {
                    count++;
                    progress((double)count / chunks.Count);
                }

                return worker;
            },
            _ => { });

        // In the order of the chunks, so that threads do not decide which of two equal errors is shown.
        return
        [
            .. tensors.Select(tensor => findings
                .Where((_, i) => chunks[i].Tensor == tensor)
                .Aggregate(TensorFinding.None(tensor), (all, finding) => all.With(finding))),
        ];
    }

    private IEnumerable<Chunk> Chunks(CheckedTensor tensor)
    {
        double scale = Scale;
        if (_perTensor)
        {
            scale = Math.Max(scale, tensor.Values(_gradient).Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max());
        }

        int element = 0;
        foreach ((int start, int length) in tensor.Pieces)
        {
            for (int i = 0; i < length; i += ChunkLength)
            {
                yield return new Chunk(tensor, scale, element + i, start + i, Math.Min(ChunkLength, length - i));
            }

            element += length;
        }
    }

    private TensorFinding Check(Chunk chunk, Worker worker)
    {
        GradientCheckResult result = worker.Run(chunk.Start, chunk.Length, null, chunk.Scale);
        if (result.Passed)
        {
            return new TensorFinding(chunk.Tensor, result, chunk.Element + result.Index, 0);
        }

        var all = TensorFinding.None(chunk.Tensor);
        for (int i = 0; i < chunk.Length; i++)
        {
            all = all.With(CheckAgain(chunk, i, worker));
        }

        return all;
    }

    /// <summary>Checks one element again, with a smaller step if it fails.</summary>
    /// <remarks>
    /// A step across a kink of ReLU has the slope of neither side, and a function that bends strongly needs a smaller step too. A weight
    /// that is multiplied by an x of 10⁴ moves a unit 10⁴ times as far, and its gradient is a sum of products with numbers of 10⁴. At a
    /// point on a kink, such as an input of exactly 0, there is no derivative to compare with: the slopes of both sides differ however
    /// small the step is. Such an element is counted and not judged.
    /// </remarks>
    private TensorFinding CheckAgain(Chunk chunk, int i, Worker worker)
    {
        int at = chunk.Start + i;
        GradientCheckResult result = worker.Run(at, 1, null, chunk.Scale);
        if (!result.Passed)
        {
            double factor = chunk.Tensor.Factors[(chunk.Element + i) % chunk.Tensor.Factors.Length];
            GradientCheckResult closer = worker.Run(at, 1, SmallStep / factor, Math.Max(chunk.Scale, Scale * factor));
            if (closer.Passed)
            {
                result = closer;
            }
            else if (_kinks && worker.SlopeJump(at, SmallStep, chunk.Scale, _noise) is var jump
                && jump > LeastJump && jump > worker.SlopeJump(at, LargerStep, chunk.Scale, _noise) / 2)
            {
                return TensorFinding.None(chunk.Tensor) with { Kinks = 1 };
            }
        }

        return new TensorFinding(chunk.Tensor, result, chunk.Element + i, 0);
    }

    /// <summary>Some elements of a tensor.</summary>
    private readonly record struct Chunk(CheckedTensor Tensor, double Scale, int Element, int Start, int Length);

    /// <summary>The function of one thread, and a point that it may move.</summary>
    private sealed class Worker
    {
        private readonly ModelLoss<double> _loss;
        private readonly double[] _point;
        private readonly double[] _gradient;
        private readonly double _tolerance;
        private readonly double[] _moved;

        public Worker(ModelLoss<double> loss, double[] point, double[] gradient, double tolerance)
        {
            (_loss, _point, _gradient, _tolerance) = (loss, point, gradient, tolerance);
            _moved = (double[])point.Clone();
            _loss.CenterAt(point);
        }

        public GradientCheckResult Run(int start, int length, double? step, double scale)
        {
            ReadOnlySpan<double> here = _point.AsSpan(start, length);
            GradientCheckResult result = GradientCheck.Run(
                part =>
                {
                    part.CopyTo(_moved.AsSpan(start));
                    return _loss.Value(_moved);
                },
                here,
                _gradient.AsSpan(start, length),
                step,
                _tolerance,
                scale);
            here.CopyTo(_moved.AsSpan(start));
            return result;
        }

        /// <summary>
        /// Computes |slope to the right − slope to the left|, relative to the larger slope if that is above the scale. A difference
        /// within the noise is 0.
        /// </summary>
        public double SlopeJump(int at, double step, double scale, double noise)
        {
            double x = _moved[at];
            double h = step * Math.Max(1, Math.Abs(x));
            double middle = _loss.Value(_moved);
            _moved[at] = x + h;
            double right = (_loss.Value(_moved) - middle) / (_moved[at] - x);
            _moved[at] = x - h;
            double left = (middle - _loss.Value(_moved)) / (x - _moved[at]);
            _moved[at] = x;
            double jump = Math.Abs(right - left);
            return jump > LeastJumpInNoise * noise / h ? jump / Math.Max(scale, Math.Max(Math.Abs(left), Math.Abs(right))) : 0;
        }
    }
}
