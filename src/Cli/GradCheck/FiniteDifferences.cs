using SpanRnn.Core;

namespace SpanRnn.Cli;

/// <summary>Holds a gradient against central differences in double, tensor by tensor, on all cores.</summary>
internal sealed class FiniteDifferences
{
    // Small enough that the bar moves, large enough that a chunk's own cost does not count.
    private const int ChunkLength = 32;

    // For a second look: a step that crosses hardly any kink and leaves little of the formula's error, though more of rounding; and how
    // much the slopes of both sides differ at a kink, more than rounding makes of it.
    private const double SmallStep = 1e-7;
    private const double LargerStep = 1e-6;
    private const double LeastJump = 1e-5;

    private readonly Func<ModelLoss<double>> _makeLoss;
    private readonly double[] _point;
    private readonly double[] _gradient;
    private readonly GradientCheckOptions _options;
    private readonly bool _kinks;

    /// <param name="makeLoss">Makes the function for one thread.</param>
    /// <param name="point">Where.</param>
    /// <param name="gradient">The analytic gradient there.</param>
    /// <param name="tolerance">The largest error that passes.</param>
    /// <param name="kinks">Whether the function has kinks.</param>
    public FiniteDifferences(Func<ModelLoss<double>> makeLoss, double[] point, double[] gradient, double tolerance, bool kinks)
    {
        _makeLoss = makeLoss;
        _point = point;
        _gradient = gradient;
        _options = new GradientCheckOptions { Tolerance = tolerance };
        _kinks = kinks;
    }

    /// <summary>Checks every element of every tensor.</summary>
    /// <param name="tensors">What to check.</param>
    /// <param name="progress">Called with the share that is done, from any thread but one at a time.</param>
    public TensorFinding[] Check(IReadOnlyList<CheckedTensor> tensors, Action<double> progress)
    {
        List<Chunk> chunks = [.. tensors.SelectMany(Cut)];
        var findings = new TensorFinding[chunks.Count];
        var done = new Lock();
        int count = 0;
        Parallel.For(
            0,
            chunks.Count,
            () => new Worker(_makeLoss(), (double[])_point.Clone()),
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

    private static IEnumerable<Chunk> Cut(CheckedTensor tensor)
    {
        int element = 0;
        foreach ((int start, int length) in tensor.Pieces)
        {
            for (int i = 0; i < length; i += ChunkLength)
            {
                yield return new Chunk(tensor, element + i, start + i, Math.Min(ChunkLength, length - i));
            }

            element += length;
        }
    }

    private TensorFinding Check(Chunk chunk, Worker worker)
    {
        GradientCheckResult result = worker.Run(chunk.Start, chunk.Length, _point, _gradient, _options);
        if (result.Passed)
        {
            return new TensorFinding(chunk.Tensor, result, chunk.Element + result.Index, 0);
        }

        var all = TensorFinding.None(chunk.Tensor);
        for (int i = 0; i < chunk.Length; i++)
        {
            all = all.With(Look(chunk, i, worker));
        }

        return all;
    }

    /// <summary>
    /// A second look at an element, with a smaller step if it fails: a step across a kink of ReLU gives the slope of neither side, and
    /// a function that bends strongly wants a smaller one too. If the point itself is on a kink (an input of exactly 0, say), there is
    /// no derivative to compare with: the slopes of both sides differ however small the step. Such an element is counted, not judged.
    /// </summary>
    private TensorFinding Look(Chunk chunk, int i, Worker worker)
    {
        int at = chunk.Start + i;
        GradientCheckResult result = worker.Run(at, 1, _point, _gradient, _options);
        if (!result.Passed)
        {
            GradientCheckResult closer = worker.Run(at, 1, _point, _gradient, _options with { Step = SmallStep });
            if (closer.Passed)
            {
                result = closer;
            }
            else if (_kinks && worker.SlopeJump(at, SmallStep) is var jump
                && jump > LeastJump && jump > worker.SlopeJump(at, LargerStep) / 2)
            {
                return TensorFinding.None(chunk.Tensor) with { Kinks = 1 };
            }
        }

        return new TensorFinding(chunk.Tensor, result, chunk.Element + i, 0);
    }

    /// <summary>Some elements of a tensor.</summary>
    private readonly record struct Chunk(CheckedTensor Tensor, int Element, int Start, int Length);

    /// <summary>What one thread computes with: the function, and a point that it may move.</summary>
    private sealed class Worker(ModelLoss<double> loss, double[] moved)
    {
        public GradientCheckResult Run(int start, int length, double[] point, double[] gradient, GradientCheckOptions options)
        {
            ReadOnlySpan<double> here = point.AsSpan(start, length);
            GradientCheckResult result = GradientCheck.Run(
                part =>
                {
                    part.CopyTo(moved.AsSpan(start));
                    return loss.Value(moved);
                },
                here,
                gradient.AsSpan(start, length),
                options);
            here.CopyTo(moved.AsSpan(start));
            return result;
        }

        /// <summary>|slope to the right − slope to the left|, relative to the larger one if that is above 1.</summary>
        public double SlopeJump(int at, double step)
        {
            double x = moved[at];
            double h = step * Math.Max(1, Math.Abs(x));
            double middle = loss.Value(moved);
            moved[at] = x + h;
            double right = (loss.Value(moved) - middle) / (moved[at] - x);
            moved[at] = x - h;
            double left = (middle - loss.Value(moved)) / (x - moved[at]);
            moved[at] = x;
            return Math.Abs(right - left) / Math.Max(1, Math.Max(Math.Abs(left), Math.Abs(right)));
        }
    }
}
