namespace SpanRnn.Formats.Onnx;

/// <content>End of a pass: the network, and the inputs and outputs of the graph as arrays of the network.</content>
internal sealed partial class OnnxLowering
{
    // Steps and sequences in the rows of the first stage.
    private OnnxFactor _inputSteps;
    private OnnxFactor _inputBatch;

    private OnnxNetwork Finish(OnnxParsedGraph graph)
    {
        Flush();
        if (_builder is null)
        {
            throw _context.Fail(
                graph.Outputs.Count == 0
                    ? "the graph has no outputs, expected the outputs of a recurrent network"
                    : "there is no layer on the way to the outputs, expected a recurrent network");
        }

        if (_recurrent.Count == 0)
        {
            ChooseSteps();
        }

        if (graph.Outputs.Distinct().Count() != graph.Outputs.Count)
        {
            throw _context.Fail("two outputs have the same name, expected different ones");
        }

        // The outputs determine the readout, so they come before the network.
        List<(string Name, OnnxView View, Source Source)> values = [];
        List<(string Name, OnnxView View)> states = [];
        foreach (string name in graph.Outputs)
        {
            (OnnxView view, Source source) = Output(name);
            if (source.Kind is SourceKind.Hidden or SourceKind.Cell)
            {
                states.Add((name, view));
            }
            else
            {
                values.Add((name, view, source));
            }
        }

        if (values.Exists(output => output.Source.Kind == SourceKind.Final))
        {
            _builder.Pool(_readout);
            if (values.Exists(output => output.Source.Kind != SourceKind.Final))
            {
                throw _context.Fail(
                    $"outputs {ModelFormatException.Quote(values[0].Name)} and {ModelFormatException.Quote(values[^1].Name)} are every "
                    + "step and the last step of one layer, expected one of the two");
            }
        }

        (NetworkSpec spec, ParameterSource[] sources) = Build(_builder.Build);
        List<ModelPort> outputs = [];
        outputs.AddRange(values.Select(output => ValuesPort(output.Name, output.View, output.Source)));
        outputs.AddRange(states.Select(output => StatesPort(spec, output.Name, output.View)));
        ModelPort[] ordered = [.. graph.Outputs.Select(name => outputs.Find(port => port.Name == name)!)];
        ModelPort[] inputs = [InputPort(), .. LengthsPort(), .. InitialStates(spec)];
        AddUnused(graph, inputs);
        int[]? lengths = _lengths is null ? null : Array.ConvertAll(_lengths, length => (int)length);
        return new OnnxNetwork(spec, sources, inputs, ordered, _unused, lengths);
    }

    // Without a recurrent layer no row depends on another. Two axes are steps and batch, one axis is the batch.
    private void ChooseSteps()
    {
        long[] sizes = [.. _rows!.Shape.Where(size => size > 1)];
        if (sizes.Length > 2)
        {
            throw _context.Fail($"the input has the axes {_rows.Text} and features, expected at most steps and a batch");
        }

        (_steps, _batch) = sizes is [var steps, var batch] ? (steps, batch) : (1, _rows.Count);
        (_inputSteps, _inputBatch) = (new OnnxFactor(_steps, _batch), new OnnxFactor(_batch, 1));
    }

    // Turns the builder's complaint about the layers into a refusal of the file.
    private T Build<T>(Func<T> build)
    {
        try
        {
            return build();
        }
        catch (Exception e) when (e is ArgumentException or OverflowException)
        {
            int end = e.Message.LastIndexOf(" (Parameter", StringComparison.Ordinal);
            throw _context.Fail($"its layers are not a network: {(end < 0 ? e.Message : e.Message[..end]).TrimEnd('.')}");
        }
    }

    private (OnnxView View, Source Source) Output(string name)
    {
        string text = $"output {ModelFormatException.Quote(name)}";
        OnnxValue value = Find(name) ?? throw _context.Fail($"{text} is not the output of a node, expected one");
        if (!value.IsData)
        {
            throw _context.Fail($"{text} is a constant, expected the output of a layer");
        }

        OnnxView view = value.View;
        Source? source = SourceOf(view);
        if (source is { Kind: SourceKind.Steps } && !IsWhole(view, source)
            && Last(view, problem => _context.Fail($"{text} {problem}")) is { } last)
        {
            view = last;
            source = SourceOf(view);
        }

        // Several states in one array have several sources.
        source ??= view.Count > 0 ? SourceAt(view.Offset) : null;
        if (source is { Kind: SourceKind.Hidden or SourceKind.Cell })
        {
            return (view, source);
        }

        bool isTop = source is { Kind: SourceKind.Steps or SourceKind.Final } && source.Number == _stage && IsWhole(view, source);
        return isTop && !(source!.Kind == SourceKind.Steps && _builder!.IsPerSequence)
            ? (view, source)
            : throw _context.Fail(
                $"{text} is {(source is null ? "of several sources" : $"of {Text(source)}")}, shape {value.View.Text}, "
                + $"expected the whole output of the last layer, on every step or on the last one, or final states");
    }

    /// <summary>Describes an output of the last layer.</summary>
    private ModelPort ValuesPort(string name, OnnxView view, Source source)
    {
        int directions = _recurrent is [.., var top] && top.Stage == _stage ? top.Spec.DirectionCount : 1;
        int size = (int)(_features / directions);
        List<(PortAxis Role, OnnxFactor Factor)> parts =
        [
            (PortAxis.Features, new OnnxFactor(size, 1)),
            (PortAxis.Directions, new OnnxFactor(directions, size)),
            (PortAxis.Batch, new OnnxFactor(_batch, _features)),
        ];
        if (source.Kind == SourceKind.Steps)
        {
            parts.Add((PortAxis.Steps, new OnnxFactor(_steps, _batch * _features)));
        }

        PortAxis[][] axes = [.. Enumerable.Range(0, view.Rank).Select(i => Roles(view.Axis(i), parts) ?? throw Indescribable(name, view))];
        CheckRoles(name, view, axes);
        if (Array.Exists(axes, axis => axis.AsSpan().IndexOf([PortAxis.Directions, PortAxis.Features]) >= 0))
        {
            // Both directions side by side are the features of the network.
            axes = Array.ConvertAll(axes, axis => Array.FindAll(axis, role => role != PortAxis.Directions));
            (directions, size) = (1, (int)_features);
        }

        return new ModelPort(name, PortKind.Values, axes, size, directions);
    }

    private ModelFormatException Indescribable(string name, OnnxView view) => _context.Fail(
        $"array {ModelFormatException.Quote(name)} of shape {view.Text} has its numbers in an order that mixes steps, sequences and "
        + "features, expected each of them on an axis of its own");

    private void CheckRoles(string name, OnnxView view, PortAxis[][] axes)
    {
        if (!AreDistinct(axes))
        {
            throw Indescribable(name, view);
        }
    }

    // Each of steps, sequences, directions and features may be there at most once; slots may be on several axes.
    private static bool AreDistinct(PortAxis[][] axes)
    {
        PortAxis[] all = [.. axes.SelectMany(axis => axis).Where(role => role != PortAxis.Slots)];
        return all.Distinct().Count() == all.Length;
    }

    // Roles of an axis's factors. A factor that joins several roles is split; null if a factor has no role.
    private static PortAxis[]? Roles(ReadOnlySpan<OnnxFactor> axis, List<(PortAxis Role, OnnxFactor Factor)> parts)
    {
        List<PortAxis> roles = [];
        for (int i = axis.Length - 1; i >= 0; i--)
        {
            (long rest, long stride) = axis[i];
            while (rest > 1)
            {
                int found = parts.FindIndex(part => part.Factor.Size > 1 && part.Factor.Stride == stride && rest % part.Factor.Size == 0);
                if (found < 0)
                {
                    return null;
                }

                roles.Insert(0, parts[found].Role);
                rest /= parts[found].Factor.Size;
                stride *= parts[found].Factor.Size;
            }
        }

        return [.. roles];
    }

    /// <summary>Describes final states: h or c of layers and directions.</summary>
    private ModelPort StatesPort(NetworkSpec spec, string name, OnnxView view)
    {
        Source first = SourceAt(view.Offset)!;
        RecurrentLayer layer = _recurrent[first.Number].Spec;
        long width = layer.OutputSize;
        List<(PortAxis Role, OnnxFactor Factor)> parts =
        [
            (PortAxis.Features, new OnnxFactor(layer.HiddenSize, 1)),
            (PortAxis.Slots, new OnnxFactor(layer.DirectionCount, layer.HiddenSize)),
            (PortAxis.Batch, new OnnxFactor(_batch, width)),
        ];

        // Any other factor counts states. Their places show later if they really are states.
        List<long> starts = [view.Offset];
        List<int> sizes = [];
        var axes = new PortAxis[view.Rank][];
        for (int i = 0; i < axes.Length; i++)
        {
            List<PortAxis> roles = [];
            foreach (OnnxFactor factor in view.Axis(i))
            {
                PortAxis[] own = Roles([factor], parts) ?? [PortAxis.Slots];
                if (own.Contains(PortAxis.Slots))
                {
                    bool whole = own.Length == 1;
                    OnnxFactor slots = whole ? factor : new OnnxFactor(layer.DirectionCount, layer.HiddenSize);
                    Limits.Charge(starts.Count * slots.Size);
                    starts = [.. starts.SelectMany(start => Enumerable.Range(0, (int)slots.Size).Select(k => start + (k * slots.Stride)))];
                    if (own[0] == PortAxis.Slots && roles is [.., PortAxis.Slots])
                    {
                        // Layers and directions side by side are slots together.
                        sizes[^1] *= (int)slots.Size;
                        own = own[1..];
                    }
                    else
                    {
                        sizes.Add((int)slots.Size);
                    }
                }

                roles.AddRange(own);
            }

            axes[i] = [.. roles];
        }

        CheckRoles(name, view, axes);
        StateSlot[] states = [.. starts.Select(start => Slot(start) ?? throw _context.Fail(
            $"output {ModelFormatException.Quote(name)} of shape {view.Text} has parts of final states, "
            + "expected whole states of one size"))];
        bool complete = view.Count == states.Length * _batch * layer.HiddenSize
            && axes.Any(axis => axis.Contains(PortAxis.Batch)) == (_batch > 1)
            && axes.Any(axis => axis.Contains(PortAxis.Features)) == (layer.HiddenSize > 1);
        return complete && states.Distinct().Count() == states.Length
            ? new ModelPort(name, PortKind.States, axes, layer.HiddenSize, states: states, slots: [.. sizes])
            : throw Indescribable(name, view);

        StateSlot? Slot(long start)
        {
            if (SourceAt(start) is not { Kind: SourceKind.Hidden or SourceKind.Cell } source)
            {
                return null;
            }

            RecurrentNode recurrent = _recurrent[source.Number];
            (long direction, long within) = Math.DivRem(start - source.Base, recurrent.Spec.HiddenSize);
            return within == 0 && direction < recurrent.Spec.DirectionCount
                && recurrent.Spec.HiddenSize == layer.HiddenSize && recurrent.Spec.DirectionCount == layer.DirectionCount
                ? spec.State(
                    recurrent.Layer,
                    Walk(recurrent.Spec, (int)direction),
                    source.Kind == SourceKind.Hidden ? StateKind.Hidden : StateKind.Cell)
                : null;
        }
    }

    private ModelPort InputPort()
    {
        // From the rows of the first stage back to the input.
        List<(PortAxis Role, OnnxFactor Factor)> parts = [];
        foreach ((PortAxis role, OnnxFactor rows) in new[] { (PortAxis.Steps, _inputSteps), (PortAxis.Batch, _inputBatch) })
        {
            parts.AddRange(Composed(rows).Select(factor => (role, factor)));
        }

        // If the features have two factors in another order than the network's, they are outer and inner features, wherever they are.
        if (_featureAxis.Length > 2)
        {
            throw Indescribable(_input!.Name, _rows!);
        }

        parts.AddRange(_featureAxis.Select(
            (factor, i) => (_featureAxis.Length == 2 && i == 0 ? PortAxis.Directions : PortAxis.Features, factor)));
        return Describe(_input!, parts, [], _isSymbols ? PortKind.Symbols : PortKind.Values, _isSymbols ? 1 : (int)FeaturesIn)
            ?? throw Indescribable(_input!.Name, _rows!);
    }

    private long FeaturesIn => _featureAxis.Aggregate(1L, (product, factor) => product * factor.Size);

    // Converts a factor of rows, which are numbered through all their axes, into factors of the input's elements.
    private List<OnnxFactor> Composed(OnnxFactor rows)
    {
        List<OnnxFactor> found = [];
        OnnxFactor[] axes = _rows!.Factors;
        (long size, long stride) = rows;
        long place = 1;
        for (int i = axes.Length - 1; i >= 0 && size > 1; i--)
        {
            long end = place * axes[i].Size;
            if (stride < end && stride % place == 0 && axes[i].Size % (stride / place) == 0)
            {
                long taken = Math.Min(size, end / stride);
                found.Insert(0, new OnnxFactor(taken, axes[i].Stride * (stride / place)));
                size /= taken;
                stride = end;
            }

            place = end;
        }

        return found;
    }

    private IEnumerable<ModelPort> LengthsPort()
    {
        if (_lengthsInput is { } lengths)
        {
            var parts = new List<(PortAxis Role, OnnxFactor Factor)> { (PortAxis.Batch, new OnnxFactor(_batch, 1)) };
            yield return Describe(lengths, parts, [], PortKind.Lengths, 1) ?? throw Indescribable(lengths.Name, _rows!);
        }
    }

    /// <summary>Describes the inputs that hold initial states. One input may hold several.</summary>
    private IEnumerable<ModelPort> InitialStates(NetworkSpec spec)
    {
        foreach (IGrouping<int, StateUse> group in _states.GroupBy(Input))
        {
            OnnxInput input = _inputs[group.Key];
            StateUse[] uses = [.. group.OrderBy(use => use.View.Offset)];
            StateUse first = uses[0];
            OnnxFactor[]? places = Places([.. uses.Select(use => use.View.Offset)]);
            StateUse? other = Array.Find(
                uses, use => !Enumerable.Range(0, 2).All(axis => use.View.Axis(axis).SequenceEqual(first.View.Axis(axis))));
            if (places is null || other is not null)
            {
                throw (other ?? uses[^1]).Node.Fail(
                    $"its initial state is part of input {ModelFormatException.Quote(input.Name)}, which other states share, "
                    + "expected states of one size, each at its own place");
            }

            List<(PortAxis Role, OnnxFactor Factor)> parts =
            [
                .. places.Select(factor => (PortAxis.Slots, factor)),
                .. first.View.Axis(0).ToArray().Select(factor => (PortAxis.Batch, factor)),
                .. first.View.Axis(1).ToArray().Select(factor => (PortAxis.Features, factor)),
            ];
            StateSlot[] slots = [.. uses.Select(use => spec.State(use.Layer, use.Direction, use.Kind)!)];
            yield return Describe(input, parts, slots, PortKind.States, slots[0].Size)
                ?? throw first.Node.Fail(
                    $"its initial state is part of input {ModelFormatException.Quote(input.Name)}, "
                    + "expected all of that input to be states");
        }

        int Input(StateUse use) => SourceOf(use.View) is { Kind: SourceKind.Input } source
            ? source.Number
            : throw ForeignStart(use.Node);
    }

    // The factors that count the offsets of states, which are sorted; null if the offsets are not counted so.
    private static OnnxFactor[]? Places(long[] offsets)
    {
        List<OnnxFactor> places = [];
        while (offsets.Length > 1)
        {
            // The innermost factor: the longest even run at the beginning, and as even ones behind it.
            long stride = offsets[1] - offsets[0];
            int size = 2;
            while (size < offsets.Length && offsets[size] - offsets[size - 1] == stride)
            {
                size++;
            }

            bool even = stride > 0 && offsets.Length % size == 0
                && Enumerable.Range(0, offsets.Length).All(i => offsets[i] == offsets[i / size * size] + (i % size * stride));
            if (!even)
            {
                return null;
            }

            places.Insert(0, new OnnxFactor(size, stride));
            offsets = [.. offsets.Where((_, i) => i % size == 0)];
        }

        return [.. places];
    }

    /// <summary>
    /// Finds the roles of an input's axes from the roles of its elements; null if some elements have none, or if an axis mixes them.
    /// Features on two axes are called directions and features.
    /// </summary>
    private ModelPort? Describe(
        OnnxInput input, List<(PortAxis Role, OnnxFactor Factor)> parts, StateSlot[] states, PortKind kind, int features)
    {
        long[] shape = ((OnnxValue)_scope.Values[input.Name]).Shape;
        List<(PortAxis Role, OnnxFactor Factor)> rest =
            [.. parts.Where(part => part.Factor.Size > 1).OrderByDescending(part => part.Factor.Stride)];
        var axes = new PortAxis[shape.Length][];
        List<int> slots = [];
        long low = shape.Aggregate(1L, (product, size) => product * size);
        int directions = (int)rest.Where(part => part.Role == PortAxis.Directions).Select(part => part.Factor.Size).FirstOrDefault(1);
        features /= directions;
        for (int i = 0; i < axes.Length; i++)
        {
            long top = low;
            low /= shape[i];
            List<PortAxis> roles = [];
            while (top > low)
            {
                if (rest.Count == 0 || rest[0].Factor.Size * rest[0].Factor.Stride != top)
                {
                    return null;
                }

                (PortAxis role, OnnxFactor factor) = rest[0];
                rest.RemoveAt(0);
                if (factor.Stride < low)
                {
                    // Part of the factor is on this axis, the rest on the next.
                    if (factor.Size % (top / low) != 0 || role is not (PortAxis.Features or PortAxis.Slots))
                    {
                        return null;
                    }

                    rest.Insert(0, (role, factor with { Size = factor.Size / (top / low) }));
                    factor = new OnnxFactor(top / low, low);
                }

                bool more = rest.Exists(part => part.Role == role);
                if (more && role == PortAxis.Features && kind == PortKind.Values && directions == 1)
                {
                    role = PortAxis.Directions;
                    directions = (int)factor.Size;
                    features /= directions;
                }

                roles.Add(role);
                if (role == PortAxis.Slots)
                {
                    slots.Add((int)factor.Size);
                }

                top = factor.Stride;
            }

            axes[i] = [.. roles];
        }

        return rest.Count == 0 && AreDistinct(axes)
            ? new ModelPort(input.Name, kind, axes, features, directions, states, [.. slots])
            : null;
    }

    private void AddUnused(OnnxParsedGraph graph, ModelPort[] ports)
    {
        HashSet<string> fed = [.. ports.Select(port => port.Name)];
        foreach (OnnxInput input in graph.Inputs)
        {
            if (_initializers.ContainsKey(input.Name))
            {
                continue;
            }

            bool used = fed.Contains(input.Name) || (_used.Contains(input.Name) && !_scope.Values[input.Name].IsData);
            string name = ModelFormatException.Quote(input.Name);
            if (!used && _context.Given.ContainsKey(input.Name))
            {
                throw _context.Fail($"an array is given for input {name}, which has no effect on the outputs, expected none");
            }

            if (!used)
            {
                _unused.Add($"input {name}");
            }
        }

        foreach (OnnxTensor tensor in graph.Initializers.Where(tensor => !_used.Contains(tensor.Name)))
        {
            _unused.Add($"initializer {ModelFormatException.Quote(tensor.Name)} {tensor.ShapeText}");
        }
    }
}
