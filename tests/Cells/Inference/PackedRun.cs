namespace SpanRnn.Tests;

/// <summary>
/// Streams of a packed network and one input, to be run in each of the possible ways; every way starts from the same initial states.
/// Undefined numbers are NaN.
/// </summary>
internal sealed class PackedRun
{
    private readonly float[] _parameters;
    private readonly float[] _x;
    private readonly float[][] _initial;

    // x [T, N, I], one initial state [StateSize] for each sequence.
    private PackedRun(PackedNetwork network, float[] parameters, int steps, int[] lengths, float[] x, float[][] initial)
    {
        Network = network;
        _parameters = parameters;
        Layout.Set(steps, lengths);
        _x = x;
        _initial = initial;
    }

    public PackedNetwork Network { get; }

    public SequenceLayout Layout { get; } = new();

    /// <summary>Parameters that the network was packed from.</summary>
    public ReadOnlySpan<float> Parameters => _parameters;

    private NetworkSpec Spec => Network.Spec;

    public static PackedRun Of(Problem problem, WeightPrecision precision) => Of(problem, Pack(problem, precision));

    public static PackedRun Of(Problem problem, PackedNetwork network)
    {
        float[][] initial = new float[problem.Batch][];
        for (int b = 0; b < initial.Length; b++)
        {
            initial[b] = new float[problem.Spec.StateSize];
            foreach (StateSlot slot in problem.Spec.States)
            {
                for (int i = 0; i < slot.Size; i++)
                {
                    initial[b][slot.Offset + i] = (float)problem.State[(slot.Offset * problem.Batch) + (b * slot.Size) + i];
                }
            }
        }

        float[] x = Array.ConvertAll(problem.X, value => (float)value);
        return new(network, ParametersOf(problem), problem.Shape.Steps, problem.Shape.Lengths, x, initial);
    }

    public static PackedNetwork Pack(Problem problem, WeightPrecision precision) => new(problem.Spec, ParametersOf(problem), precision);

    public static float[] ParametersOf(Problem problem) => Array.ConvertAll(problem.Parameters, value => (float)value);

    /// <summary>The numbers of a state, each at the offset of its slot.</summary>
    public static float[] Values(StreamState state)
    {
        float[] values = new float[state.Network.Spec.StateSize];
        foreach (StateSlot slot in state.Network.Spec.States)
        {
            state.Values(slot).CopyTo(values.AsSpan(slot.Offset));
        }

        return values;
    }

    public static StreamState State(PackedNetwork network, ReadOnlySpan<float> values)
    {
        StreamState state = network.CreateStream();
        foreach (StateSlot slot in network.Spec.States)
        {
            values.Slice(slot.Offset, slot.Size).CopyTo(state.Values(slot));
        }

        return state;
    }

    public static float[] Undefined(int length)
    {
        float[] values = new float[length];
        values.AsSpan().Fill(float.NaN);
        return values;
    }

    public StreamState[] States() => Array.ConvertAll(_initial, values => State(Network, values));

    public float[] Initial(int sequence) => _initial[sequence];

    /// <summary>x of one sequence at one step.</summary>
    public Span<float> X(int step, int sequence) => _x.AsSpan(((step * Layout.Batch) + sequence) * Spec.InputSize, Spec.InputSize);

    /// <summary>Fills the rows of x behind the ends of the sequences.</summary>
    public void FillPadding(float value)
    {
        for (int b = 0; b < Layout.Batch; b++)
        {
            for (int t = Layout.Length(b); t < Layout.Steps; t++)
            {
                X(t, b).Fill(value);
            }
        }
    }

    public PackedResult Run()
    {
        StreamState[] states = States();
        float[] y = Undefined(Network.Spec.OutputLength(Layout.Steps, Layout.Batch));
        Network.Run(Layout, _x, states, y, Undefined(Network.RunWorkspaceLength(Layout)));
        return new(y, Array.ConvertAll(states, Values));
    }

    /// <summary>Runs stream after stream, step by step.</summary>
    public PackedResult Step() => Stepped((states, y) =>
    {
        for (int b = 0; b < Layout.Batch; b++)
        {
            for (int t = 0; t < Layout.Length(b); t++)
            {
                states[b].Step(X(t, b), Y(y, t, b));
            }
        }
    });

    /// <summary>Runs stream after stream, each as a whole.</summary>
    public PackedResult RunEach() => Stepped((states, y) =>
    {
        for (int b = 0; b < Layout.Batch; b++)
        {
            int steps = Layout.Length(b);
            if (steps > 0)
            {
                float[] rows = Undefined(Spec.OutputLength(steps, 1));
                states[b].Run(Enumerable.Range(0, steps).SelectMany(t => X(t, b).ToArray()).ToArray(), rows);
                for (int t = 0; t < rows.Length / Spec.OutputSize; t++)
                {
                    rows.AsSpan(t * Spec.OutputSize, Spec.OutputSize).CopyTo(Y(y, t, b));
                }
            }
        }
    });

    /// <summary>Runs step by step, all streams that are still alive at once.</summary>
    public PackedResult StepMany() => Stepped((states, y) =>
    {
        for (int t = 0; t < Layout.Steps; t++)
        {
            int[] live = [.. Enumerable.Range(0, Layout.Batch).Where(b => t < Layout.Length(b))];
            float[] x = [.. live.SelectMany(b => X(t, b).ToArray())];
            float[] rows = Undefined(live.Length * Spec.OutputSize);
            float[] workspace = Undefined(Network.StepManyWorkspaceLength(live.Length));
            Network.StepMany(x, Array.ConvertAll(live, b => states[b]), rows, workspace);
            for (int i = 0; i < live.Length; i++)
            {
                rows.AsSpan(i * Spec.OutputSize, Spec.OutputSize).CopyTo(Y(y, t, live[i]));
            }
        }
    });

    /// <summary>One sequence, with no other beside it and no padding behind it.</summary>
    public PackedRun Alone(int sequence) => Part(0, Layout.Length(sequence), [sequence], [_initial[sequence]]);

    /// <summary>The steps from <paramref name="first"/> to before <paramref name="end"/>, from other states.</summary>
    public PackedRun Between(int first, int end, float[][] initial) => Part(first, end, [.. Enumerable.Range(0, Layout.Batch)], initial);

    /// <summary>The output of one sequence: its steps one below the other, or its one row.</summary>
    public float[] OutputOf(PackedResult result, int sequence)
    {
        int rows = Spec.IsManyToOne ? 1 : Layout.Length(sequence);
        return [.. Enumerable.Range(0, rows).SelectMany(t => Y(result.Y, t, sequence).ToArray())];
    }

    // Numbers that no step writes must be those of Run. In the padding they are zeros. If there is one output per sequence, no step
    // computes that of a sequence without steps; it is taken from Run.
    private PackedResult Stepped(Action<StreamState[], float[]> steps)
    {
        StreamState[] states = States();
        float[] y = new float[Network.Spec.OutputLength(Layout.Steps, Layout.Batch)];
        steps(states, y);
        if (Spec.IsManyToOne)
        {
            PackedResult run = Run();
            for (int b = 0; b < Layout.Batch; b++)
            {
                if (Layout.Length(b) == 0)
                {
                    Y(run.Y, 0, b).CopyTo(Y(y, 0, b));
                }
            }
        }

        return new(y, Array.ConvertAll(states, Values));
    }

    private Span<float> Y(float[] y, int step, int sequence) =>
        y.AsSpan((((Spec.IsManyToOne ? 0 : step) * Layout.Batch) + sequence) * Spec.OutputSize, Spec.OutputSize);

    private PackedRun Part(int first, int end, int[] sequences, float[][] initial)
    {
        int[] lengths = Array.ConvertAll(sequences, b => Math.Clamp(Layout.Length(b) - first, 0, end - first));
        float[] x = [.. Enumerable.Range(first, end - first).SelectMany(t => sequences.SelectMany(b => X(t, b).ToArray()))];
        return new(Network, _parameters, end - first, lengths, x, initial);
    }
}
