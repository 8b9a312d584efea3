namespace SpanRnn.Perf;

/// <summary>
/// Training steps of one layer by oneDNN. Its weights are brought into the formats that it chooses for each direction before anything
/// is timed, although training would have to do so in every step.
/// </summary>
internal sealed unsafe class OneDnnLayer : IDisposable
{
    private readonly OneDnnEngine _engine = new();
    private readonly TrainingCase _case;
    private readonly int _gates;
    private readonly int _biases;

    // Order of PyTorch's gates here: i f g o in both; z r n instead of r z n.
    private readonly int[] _order;
    private readonly Dictionary<int, nint> _memories = [];
    private readonly List<(nint Memory, nuint Bytes)> _accumulated = [];
    private readonly nint _forwardDescriptor;
    private readonly nint _backwardDescriptor;
    private readonly nint _forward;
    private readonly nint _backward;
    private readonly OneDnnArgument[] _forwardArguments;
    private readonly OneDnnArgument[] _backwardArguments;

    public OneDnnLayer(TrainingCase of, ReadOnlySpan<float> parameters, ReadOnlySpan<float> x, ReadOnlySpan<float> dy)
    {
        _case = of;
        _gates = ((RecurrentLayer)of.Spec.Layers[0]).Gates;
        _biases = of.Cell == CellKind.GruResetAfter ? 4 : _gates;
        _order = of.Cell switch
        {
            CellKind.Lstm => [0, 1, 2, 3],
            CellKind.GruResetAfter => [1, 0, 2],
            CellKind.Elman => [0],
            _ => throw new ArgumentException($"The cell is {of.Cell}, expected one that oneDNN and PyTorch share.", nameof(of)),
        };
        int size = of.Size;
        void* rows = _engine.Describe(OneDnnFunction.FormatTnc, of.Steps, of.Batch, size);
        void* state = _engine.Describe(OneDnnFunction.FormatLdgo, 1, 1, of.Batch, size);
        void* weights = _engine.Describe(OneDnnFunction.FormatAny, 1, 1, size, _gates, size);
        void* bias = _engine.Describe(OneDnnFunction.FormatLdgo, 1, 1, _biases, size);
        void* operation = _engine.Room(OneDnnFunction.OperationBytes);
        OneDnnEngine.Check(DescribeForward(operation, rows, state, weights, bias));
        _forwardDescriptor = _engine.DescribePrimitive(operation, 0);
        operation = _engine.Room(OneDnnFunction.OperationBytes);
        OneDnnEngine.Check(DescribeBackward(operation, rows, state, weights, bias));
        _backwardDescriptor = _engine.DescribePrimitive(operation, _forwardDescriptor);
        _forward = _engine.Primitive(_forwardDescriptor);
        _backward = _engine.Primitive(_backwardDescriptor);

        // Zeros: without initial states the check found wrong gradients of U in 2.6.3.
        int[] states = of.Cell == CellKind.Lstm
            ?
            [
                OneDnnFunction.SourceIteration, OneDnnFunction.SourceIterationC, OneDnnFunction.DestinationIteration,
                OneDnnFunction.DestinationIterationC,
            ]
            : [OneDnnFunction.SourceIteration, OneDnnFunction.DestinationIteration];
        foreach (int argument in (int[])
            [OneDnnFunction.SourceLayer, OneDnnFunction.DestinationLayer, OneDnnFunction.Bias, OneDnnFunction.Workspace, .. states])
        {
            _memories[argument] = _engine.Memory(Descriptor(_forwardDescriptor, argument));
        }

        int[] weightArguments = [OneDnnFunction.WeightsLayer, OneDnnFunction.WeightsIteration, OneDnnFunction.Bias];
        foreach (int argument in (int[])[OneDnnFunction.SourceLayer, OneDnnFunction.DestinationLayer, .. states, .. weightArguments])
        {
            int gradient = argument + OneDnnFunction.Gradient;
            void* descriptor = Descriptor(_backwardDescriptor, gradient);
            _memories[gradient] = _engine.Memory(descriptor);
            if (weightArguments.Contains(argument))
            {
                _accumulated.Add((_memories[gradient], OneDnnFunction.Bytes(descriptor)));
            }
        }

        x.CopyTo(Numbers(OneDnnFunction.SourceLayer, x.Length));
        dy.CopyTo(Numbers(OneDnnFunction.DestinationLayer + OneDnnFunction.Gradient, dy.Length));
        SetBias(parameters);
        _forwardArguments = Arguments(parameters, _forwardDescriptor, [.. _memories.Keys.Where(key => key < OneDnnFunction.Gradient)]);
        _backwardArguments = Arguments(parameters, _backwardDescriptor, [.. _memories.Keys]);
    }

    /// <summary>Runs forward and backward; clears the gradients of the weights before, since the library adds to them.</summary>
    public void Run()
    {
        _engine.Execute(_forward, _forwardArguments);
        foreach ((nint memory, nuint bytes) in _accumulated)
        {
            OneDnnEngine.Numbers(memory, (int)(bytes / sizeof(float))).Clear();
        }

        _engine.Execute(_backward, _backwardArguments);
    }

    /// <summary>Result of the last step.</summary>
    public TrainingResult Result()
    {
        int rows = _case.Steps * _case.Batch * _case.Size;
        float[] gradients = new float[_case.Spec.Parameters.Length];
        foreach ((ParameterRole role, int argument) in Weights)
        {
            nint plain = PlainMemory(out void* descriptor);
            int gradient = argument + OneDnnFunction.Gradient;
            _engine.Reorder(_memories[gradient], Descriptor(_backwardDescriptor, gradient), plain, descriptor);
            Permute(OneDnnEngine.Numbers(plain, PlainLength), Slot(role).In(gradients.AsSpan()), toOrder: false);
        }

        ReadOnlySpan<float> bias = Numbers(OneDnnFunction.Bias + OneDnnFunction.Gradient, _biases * _case.Size);
        foreach (ParameterRole role in (ReadOnlySpan<ParameterRole>)[ParameterRole.InputBias, ParameterRole.RecurrentBias])
        {
            for (int place = 0; place < _gates; place++)
            {
                Block(bias, BiasPlace(role, place)).CopyTo(Block(Slot(role).In(gradients.AsSpan()), _order[place]));
            }
        }

        return TrainingResult.Of<float>(
            Numbers(OneDnnFunction.DestinationLayer, rows),
            Numbers(OneDnnFunction.DestinationLayer + OneDnnFunction.Gradient, rows),
            Numbers(OneDnnFunction.SourceLayer + OneDnnFunction.Gradient, rows),
            gradients);
    }

    public void Dispose() => _engine.Dispose();

    private static (ParameterRole Role, int Argument)[] Weights { get; } =
    [
        (ParameterRole.InputWeights, OneDnnFunction.WeightsLayer), (ParameterRole.RecurrentWeights, OneDnnFunction.WeightsIteration),
    ];

    private int PlainLength => _gates * _case.Size * _case.Size;

    private int DescribeForward(void* operation, void* rows, void* state, void* weights, void* bias) => _case.Cell switch
    {
        CellKind.Lstm => OneDnnFunction.DescribeLstm(
            operation, OneDnnFunction.ForwardTraining, OneDnnFunction.LeftToRight, rows, state, state, weights, weights, bias, rows, state,
            state, 0),
        CellKind.GruResetAfter => OneDnnFunction.DescribeGru(
            operation, OneDnnFunction.ForwardTraining, OneDnnFunction.LeftToRight, rows, state, weights, weights, bias, rows, state, 0),
        _ => OneDnnFunction.DescribeElman(
            operation, OneDnnFunction.ForwardTraining, OneDnnFunction.Tanh, OneDnnFunction.LeftToRight, rows, state, weights, weights, bias,
            rows, state, 0, 0, 0),
    };

    private int DescribeBackward(void* operation, void* rows, void* state, void* weights, void* bias) => _case.Cell switch
    {
        CellKind.Lstm => OneDnnFunction.DescribeLstmBackward(
            operation, OneDnnFunction.Backward, OneDnnFunction.LeftToRight, rows, state, state, weights, weights, bias, rows, state, state,
            rows, state, state, weights, weights, bias, rows, state, state, 0),
        CellKind.GruResetAfter => OneDnnFunction.DescribeGruBackward(
            operation, OneDnnFunction.Backward, OneDnnFunction.LeftToRight, rows, state, weights, weights, bias, rows, state,
            rows, state, weights, weights, bias, rows, state, 0),
        _ => OneDnnFunction.DescribeElmanBackward(
            operation, OneDnnFunction.Backward, OneDnnFunction.Tanh, OneDnnFunction.LeftToRight, rows, state, weights, weights, bias, rows,
            state, rows, state, weights, weights, bias, rows, state, 0, 0, 0),
    };

    // Arguments that both directions share, and the weights in the format of this one.
    private OneDnnArgument[] Arguments(ReadOnlySpan<float> parameters, nint descriptor, int[] shared)
    {
        List<OneDnnArgument> arguments = [.. shared.Select(argument => new OneDnnArgument(argument, _memories[argument]))];
        foreach ((ParameterRole role, int argument) in Weights)
        {
            nint plain = PlainMemory(out void* plainDescriptor);
            Permute(Slot(role).In(parameters), OneDnnEngine.Numbers(plain, PlainLength), toOrder: true);
            nint own = _engine.Memory(Descriptor(descriptor, argument));
            _engine.Reorder(plain, plainDescriptor, own, Descriptor(descriptor, argument));
            arguments.Add(new OneDnnArgument(argument, own));
        }

        return [.. arguments];
    }

    // GRU: the sums of b and d for r and z, then b and d of n apart.
    private void SetBias(ReadOnlySpan<float> parameters)
    {
        Span<float> bias = Numbers(OneDnnFunction.Bias, _biases * _case.Size);
        foreach (ParameterRole role in (ReadOnlySpan<ParameterRole>)[ParameterRole.InputBias, ParameterRole.RecurrentBias])
        {
            for (int place = 0; place < _gates; place++)
            {
                ReadOnlySpan<float> values = Block(Slot(role).In(parameters), _order[place]);
                Span<float> sums = Block(bias, BiasPlace(role, place));
                for (int i = 0; i < sums.Length; i++)
                {
                    sums[i] += values[i];
                }
            }
        }
    }

    private int BiasPlace(ParameterRole role, int place) =>
        role == ParameterRole.RecurrentBias && place == _gates - 1 ? _biases - 1 : place;

    private void Permute(ReadOnlySpan<float> from, Span<float> to, bool toOrder)
    {
        int block = from.Length / _gates;
        for (int place = 0; place < _gates; place++)
        {
            (int source, int destination) = toOrder ? (_order[place], place) : (place, _order[place]);
            from.Slice(source * block, block).CopyTo(to[(destination * block)..]);
        }
    }

    private nint PlainMemory(out void* descriptor)
    {
        descriptor = _engine.Describe(OneDnnFunction.FormatLdgoi, 1, 1, _case.Size, _gates, _case.Size);
        return _engine.Memory(descriptor);
    }

    private ParameterSlot Slot(ParameterRole role) => _case.Spec.Slot(0, Direction.Forward, role)!;

    private Span<float> Numbers(int argument, int length) => OneDnnEngine.Numbers(_memories[argument], length);

    private Span<float> Block(Span<float> numbers, int gate) => numbers.Slice(gate * _case.Size, _case.Size);

    private ReadOnlySpan<float> Block(ReadOnlySpan<float> numbers, int gate) => numbers.Slice(gate * _case.Size, _case.Size);

    private static void* Descriptor(nint primitive, int argument) =>
        OneDnnFunction.Query(primitive, OneDnnFunction.QueryArgument, argument);
}
