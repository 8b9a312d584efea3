using System.Numerics;
using SpanRnn.Cells.Training;

namespace SpanRnn.Tests;

/// <summary>
/// A network with numbers to run it on: parameters, a ragged batch, initial states, and a loss of outputs and final states. All numbers
/// are floats, so that they mean the same in both precisions.
/// </summary>
internal sealed class Problem
{
    private readonly double[] _outputWeights;
    private readonly double[] _stateWeights;
    private readonly int[] _labels;
    private readonly double[] _rowWeights = [];
    private readonly double[] _classWeights = [];
    private readonly int[] _outputRows;

    public Problem(ProblemShape shape)
        : this(shape, shape.Seed)
    {
    }

    private Problem(ProblemShape shape, int seed)
    {
        Shape = shape;
        Spec = new NetworkSpec(shape.InputSize, shape.Layers);
        var random = new Random(seed);
        Parameters = new double[Spec.Parameters.Length];
        foreach (ParameterSlot slot in Spec.Parameters.Slots)
        {
            // Wide enough to reach the bends of the activations, narrow enough that nothing explodes over the steps.
            Fill(random, slot.In(Parameters.AsSpan()), 1.5 / Math.Sqrt(slot.Columns));
        }

        X = new double[shape.Steps * Batch * Spec.InputSize];
        Fill(random, X, 1.5);
        State = new double[Batch * Spec.StateSize];
        if (shape.InitialState)
        {
            Fill(random, State, 1);
            FillCounts(random);
        }

        _stateWeights = new double[State.Length];
        Fill(random, _stateWeights, 1);
        _outputRows = OutputRows();
        _outputWeights = new double[_outputRows.Length * Spec.OutputSize];
        _labels = new int[_outputRows.Length];
        Fill(random, _outputWeights, 1);
        if (shape.Loss == ProblemLoss.BinaryCrossEntropy)
        {
            foreach (ref double target in _outputWeights.AsSpan())
            {
                target = Math.Abs(target);
            }
        }

        foreach (ref int label in _labels.AsSpan())
        {
            label = random.Next(Spec.OutputSize);
        }

        // Half of the problems have outputs that count differently, or not at all.
        if (random.Next(2) == 0)
        {
            _rowWeights = Weights(random, _outputRows.Length);
            _classWeights = Weights(random, Spec.OutputSize);
            foreach (ref int label in _labels.AsSpan())
            {
                label = random.Next(4) == 0 ? -1 - label : label;
            }
        }
    }

    public ProblemShape Shape { get; }

    public NetworkSpec Spec { get; }

    public int Batch => Shape.Lengths.Length;

    public double[] Parameters { get; }

    public double[] X { get; }

    public double[] State { get; }

    /// <summary>The problem of a shape, or null if each of a hundred draws of numbers comes too close to a kink.</summary>
    public static Problem? AwayFromKinks(ProblemShape shape)
    {
        if (!Array.Exists(shape.Layers, Variants.HasKinks))
        {
            return new Problem(shape);
        }

        for (int attempt = 0; attempt < 100; attempt++)
        {
            var problem = new Problem(shape, unchecked(shape.Seed + (attempt * 7919)));
            if (problem.Oracle().NearestKink > 1e-3)
            {
                return problem;
            }
        }

        return null;
    }

    public OracleNetwork Oracle()
    {
        var layout = new SequenceLayout();
        layout.Set(Shape.Steps, Shape.Lengths);
        return new(Spec, Shape.Steps, Shape.Lengths, Parameters, X, State, new OracleMasks(Dropout<double>(layout), layout));
    }

    /// <summary>Masks of this problem, the same in both precisions except for a rounding; null without dropout.</summary>
    public Dropout<T>? Dropout<T>(SequenceLayout layout, long step = 3)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (Shape is { Between: 0, Recurrent: 0 })
        {
            return null;
        }

        var dropout = new Dropout<T>(Spec, Shape.Between, Shape.Recurrent);
        dropout.Draw(layout, (ulong)Shape.Seed, step);
        return dropout;
    }

    public NetworkRun<T> Run<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Run(new Network<T>(Spec));

    /// <summary>A run on a network of this problem's description.</summary>
    public NetworkRun<T> Run<T>(Network<T> network)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var run = new NetworkRun<T>(network, Shape.Steps, Shape.Lengths);
        run.Dropout = Dropout<T>(run.Layout);
        Convert<T>(Parameters, run.Parameters);
        Convert<T>(X, run.X);
        Convert<T>(State, run.State);
        return run;
    }

    /// <summary>
    /// The loss of outputs and final states, and its gradient. The gradient in the padding is NaN, so that code that reads it is caught.
    /// </summary>
    public T Loss<T>(ReadOnlySpan<T> y, ReadOnlySpan<T> finalState, Span<T> dy, Span<T> dState)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int size = Spec.OutputSize;
        var rows = new T[_outputRows.Length * size];
        var weights = new T[_outputWeights.Length];
        Convert<T>(_outputWeights, weights);
        for (int i = 0; i < _outputRows.Length; i++)
        {
            y.Slice(_outputRows[i] * size, size).CopyTo(rows.AsSpan(i * size));
        }

        var rowWeights = new T[_rowWeights.Length];
        Convert<T>(_rowWeights, rowWeights);
        var classWeights = new T[_classWeights.Length];
        Convert<T>(_classWeights, classWeights);
        var gradient = new T[rows.Length];
        T loss = T.Zero;
        switch (Shape.Loss)
        {
            case ProblemLoss.Linear:
                for (int i = 0; i < rows.Length; i++)
                {
                    loss += weights[i] * rows[i];
                }

                weights.CopyTo(gradient, 0);
                break;
            case ProblemLoss.MeanSquaredError:
                loss = Losses.MeanSquaredError<T>(rows, weights, gradient, rowWeights);
                break;
            case ProblemLoss.SoftmaxCrossEntropy:
                loss = Losses.SoftmaxCrossEntropy<T>(rows, size, _labels, gradient, rowWeights, classWeights);
                break;
            case ProblemLoss.BinaryCrossEntropy:
                loss = Losses.BinaryCrossEntropyWithLogits<T>(rows, weights, gradient, rowWeights);
                break;
        }

        dy.Fill(T.NaN);
        for (int i = 0; i < _outputRows.Length; i++)
        {
            gradient.AsSpan(i * size, size).CopyTo(dy[(_outputRows[i] * size)..]);
        }

        Convert<T>(_stateWeights, dState);
        for (int i = 0; i < finalState.Length; i++)
        {
            loss += dState[i] * finalState[i];
        }

        return loss;
    }

    /// <summary>
    /// Compares a gradient by [parameters, x, initial state] with finite differences, as a user would: passes the loss, as a function of
    /// all these numbers, to <see cref="GradientCheck"/>.
    /// </summary>
    public GradientCheckResult Check(ReadOnlySpan<double> gradient)
    {
        NetworkRun<double> run = Run<double>();
        double[] moved = new double[State.Length];
        return GradientCheck.Run<double>(LossAt, [.. Parameters, .. X, .. State], gradient);

        double LossAt(ReadOnlySpan<double> point)
        {
            point[..run.Parameters.Length].CopyTo(run.Parameters);
            point.Slice(run.Parameters.Length, run.X.Length).CopyTo(run.X);
            point[^run.State.Length..].CopyTo(run.State);
            RoundCounts(run.State, moved);
            run.Forward();
            for (int i = 0; i < moved.Length; i++)
            {
                run.State[i] += moved[i];
            }

            return Loss<double>(run.Y, run.State, run.DY, run.DState);
        }
    }

    /// <summary>Name of the number at an index of [parameters, x, initial state].</summary>
    public string NameOf(int index)
    {
        foreach (ParameterSlot slot in Spec.Parameters.Slots)
        {
            if (index >= slot.Offset && index < slot.Offset + slot.Length)
            {
                return $"{slot.Name}[{index - slot.Offset}]";
            }
        }

        index -= Parameters.Length;
        return index < 0 ? "a gap between the parameters" : index < X.Length ? $"x[{index}]" : $"state[{index - X.Length}]";
    }

    public override string ToString() => Shape.ToString();

    // Rows of y with a meaning: all of a network with one output for each sequence, else those before the end of each sequence.
    private int[] OutputRows()
    {
        var rows = new List<int>();
        for (int t = 0; t < (Spec.IsManyToOne ? 1 : Shape.Steps); t++)
        {
            for (int b = 0; b < Batch; b++)
            {
                if (Spec.IsManyToOne || t < Shape.Lengths[b])
                {
                    rows.Add((t * Batch) + b);
                }
            }
        }

        return [.. rows];
    }

    // A pooling starts as if 0 to 3 steps had come before; if there were none, there is nothing of them.
    private void FillCounts(Random random)
    {
        foreach (StateSlot slot in Spec.States.ToArray().Where(slot => slot.Kind == StateKind.Count))
        {
            StateSlot pooled = Spec.State(slot.Layer, slot.Direction, StateKind.Pooled)!;
            for (int b = 0; b < Batch; b++)
            {
                double count = random.Next(4);
                slot.In(State.AsSpan(), Batch)[b] = count;
                if (count == 0)
                {
                    pooled.In(State.AsSpan(), Batch).Slice(b * pooled.Size, pooled.Size).Clear();
                }
            }
        }
    }

    /// <summary>
    /// Makes the counts of maxima whole again, and says how far they were moved: they only decide whether a maximum has begun, and the
    /// final counts move as they do.
    /// </summary>
    private void RoundCounts(Span<double> state, Span<double> moved)
    {
        foreach (StateSlot slot in Spec.States)
        {
            if (slot.Kind == StateKind.Count && Spec.Layers[slot.Layer] is PoolLayer { Kind: Pooling.Maximum })
            {
                Span<double> counts = slot.In(state, Batch);
                for (int b = 0; b < Batch; b++)
                {
                    double whole = Math.Round(counts[b]);
                    slot.In(moved, Batch)[b] = counts[b] - whole;
                    counts[b] = whole;
                }
            }
        }
    }

    private static double[] Weights(Random random, int count)
    {
        double[] weights = new double[count];
        Fill(random, weights, 2);
        return Array.ConvertAll(weights, weight => Math.Max(weight, 0));
    }

    private static void Fill(Random random, Span<double> values, double scale)
    {
        foreach (ref double value in values)
        {
            value = (float)(scale * ((2 * random.NextDouble()) - 1));
        }
    }

    private static void Convert<T>(ReadOnlySpan<double> from, Span<T> to)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int i = 0; i < from.Length; i++)
        {
            to[i] = T.CreateTruncating(from[i]);
        }
    }
}
