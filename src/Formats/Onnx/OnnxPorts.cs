using SpanRnn.Formats.Model;
using static SpanRnn.Formats.Onnx.OnnxChain;

namespace SpanRnn.Formats.Onnx;

/// <summary>End of a pass: the network, and the inputs and outputs of the graph as arrays of the network.</summary>
internal sealed class OnnxPorts(OnnxContext context, OnnxFolding folding, OnnxChain chain, List<string> unused)
{
    // Steps and sequences, and where they are in the rows of the first stage. Without a recurrent layer the input decides.
    private long _steps = chain.Steps;
    private long _batch = chain.Batch;
    private OnnxFactor _inputSteps = chain.InputSteps;
    private OnnxFactor _inputBatch = chain.InputBatch;

    private OnnxLimits Limits => context.Limits;

    /// <summary>Builds the network and describes its ports.</summary>
    public OnnxNetwork Finish(OnnxParsedGraph graph)
    {
        if (chain.Builder is null)
        {
            throw context.Fail(
                graph.Outputs.Count == 0
                    ? "the graph has no outputs, expected the outputs of a recurrent network"
                    : "there is no layer on the way to the outputs, expected a recurrent network");
        }

        if (chain.RecurrentNodes.Count == 0)
        {
            ChooseSteps();
        }

        if (graph.Outputs.Distinct().Count() != graph.Outputs.Count)
        {
            throw context.Fail("two outputs have the same name, expected different ones");
        }

        // The outputs may be the last layers, so they come before the network.
        List<(string Name, OnnxView View, Stage Stage)> values = [];
        List<(string Name, OnnxView View)> states = [];
        foreach (string name in graph.Outputs)
        {
            OnnxValue value = folding.Find(name) ?? throw context.Fail($"{Text(name)} is not the output of a node, expected one");
            if (!value.IsData)
            {
                throw context.Fail($"{Text(name)} is a constant, expected the output of a layer");
            }

            // Several states in one array have several sources.
            Source? source = chain.SourceOf(value.View) ?? (value.View.Count > 0 ? chain.SourceAt(value.View.Offset) : null);
            if (source is { Kind: SourceKind.Hidden or SourceKind.Cell })
            {
                states.Add((name, value.View));
            }
            else
            {
                (OnnxView view, Stage stage) = Output(name, value);
                values.Add((name, view, stage));
            }
        }

        if (values.Find(output => output.Stage != chain.Top) is { Name: not null } other)
        {
            throw context.Fail(
                $"outputs {ModelFormatException.Quote(other.Name)} and {ModelFormatException.Quote(values[^1].Name)} are of two layers, or "
                + "every step and one row per sequence, expected the output of the last layer");
        }

        if (chain.PicksLastValid && states.Count > 0)
        {
            throw context.Fail(
                $"{Text(states[0].Name)} is a state behind all steps and another output is of the last valid one, expected one of the two");
        }

        (NetworkSpec spec, ParameterSource[] sources) = chain.Build(chain.Builder.Build);
        List<ModelPort> outputs = [];
        outputs.AddRange(values.Select(output => ValuesPort(output.Name, output.View, output.Stage)));
        outputs.AddRange(states.Select(output => StatesPort(spec, output.Name, output.View)));
        ModelPort[] ordered = [.. graph.Outputs.Select(name => outputs.Find(port => port.Name == name)!)];
        ModelPort[] inputs = [InputPort(), .. LengthsPort(), .. InitialStates(spec)];
        AddUnused(graph, inputs);
        int[]? lengths = chain.Lengths is null ? null : Array.ConvertAll(chain.Lengths, length => (int)length);
        return new OnnxNetwork(spec, sources, inputs, ordered, unused, lengths);
    }

    private static string Text(string output) => $"output {ModelFormatException.Quote(output)}";

    // Without a recurrent layer no row depends on another. Two axes are steps and batch, one axis is the batch.
    private void ChooseSteps()
    {
        long[] sizes = [.. chain.Rows!.Shape.Where(size => size > 1)];
        if (sizes.Length > 2)
        {
            throw context.Fail($"the input has the axes {chain.Rows.Text} and features, expected at most steps and a batch");
        }

        (_steps, _batch) = sizes is [var steps, var batch] ? (steps, batch) : (1, chain.Rows.Count);
        (_inputSteps, _inputBatch) = (new OnnxFactor(_steps, _batch), new OnnxFactor(_batch, 1));
    }

    // The whole output of the last layer.
    private (OnnxView View, Stage Stage) Output(string name, OnnxValue value)
    {
        (OnnxView view, Stage stage) = chain.Resolve(
            value, value.View.Rank - 1, problem => context.Fail($"{Text(name)} {problem}"));
        bool isTop = chain.IsTop(stage.Source) && IsWhole(view, stage.Source);
        if (!isTop)
        {
            throw context.Fail(
                $"{Text(name)} is of {chain.Text(stage.Source)}, shape {value.View.Text}, "
                + "expected the whole output of the last layer, on every step or on the last one, or final states");
        }

        chain.Settle(stage, problem => context.Fail($"{Text(name)} {problem}"));
        return (view, stage);
    }

    /// <summary>Describes an output of the last layer.</summary>
    private ModelPort ValuesPort(string name, OnnxView view, Stage stage)
    {
        // Both directions of a recurrent layer on top, or of its rows per sequence, may be on an axis of their own.
        int directions = chain.Builder!.Layers switch
        {
            [.., RecurrentLayer top] => top.DirectionCount,
            [.., RecurrentLayer below, FinalStateLayer { AllLayers: false, Cells: false } or PoolLayer or StepLayer] =>
                below.DirectionCount,
            _ => 1,
        };
        int size = (int)(stage.Features / directions);
        List<(PortAxis Role, OnnxFactor Factor)> parts =
        [
            (PortAxis.Features, new OnnxFactor(size, 1)),
            (PortAxis.Directions, new OnnxFactor(directions, size)),
            (PortAxis.Batch, new OnnxFactor(_batch, stage.Features)),
        ];
        if (!stage.IsPerSequence)
        {
            parts.Add((PortAxis.Steps, new OnnxFactor(_steps, _batch * stage.Features)));
        }

        PortAxis[][] axes = [.. Enumerable.Range(0, view.Rank).Select(i => Roles(view.Axis(i), parts) ?? throw Indescribable(name, view))];
        CheckRoles(name, view, axes);
        if (Array.Exists(axes, axis => axis.AsSpan().IndexOf([PortAxis.Directions, PortAxis.Features]) >= 0))
        {
            // Both directions side by side are the features of the network.
            axes = Array.ConvertAll(axes, axis => Array.FindAll(axis, role => role != PortAxis.Directions));
            (directions, size) = (1, (int)stage.Features);
        }

        return new ModelPort(name, PortKind.Values, axes, size, directions);
    }

    private ModelFormatException Indescribable(string name, OnnxView view) => context.Fail(
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

    /// <summary>Finds the roles of an axis's factors. A factor that joins several roles is split; null if a factor has no role.</summary>
    public static PortAxis[]? Roles(ReadOnlySpan<OnnxFactor> axis, List<(PortAxis Role, OnnxFactor Factor)> parts)
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
        Source first = chain.SourceAt(view.Offset)!;
        RecurrentLayer layer = chain.RecurrentNodes[first.Number].Spec;
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
        StateSlot[] states = [.. starts.Select(start => Slot(start) ?? throw context.Fail(
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
            if (chain.SourceAt(start) is not { Kind: SourceKind.Hidden or SourceKind.Cell } source)
            {
                return null;
            }

            RecurrentNode recurrent = chain.RecurrentNodes[source.Number];
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
        if (chain.FeatureAxis.Length > 2)
        {
            throw Indescribable(chain.Input!.Name, chain.Rows!);
        }

        parts.AddRange(chain.FeatureAxis.Select(
            (factor, i) => (chain.FeatureAxis.Length == 2 && i == 0 ? PortAxis.Directions : PortAxis.Features, factor)));
        (PortKind kind, int features) = chain.IsSymbols ? (PortKind.Symbols, 1) : (PortKind.Values, (int)chain.FeaturesIn);
        return Describe(chain.Input!, parts, [], kind, features)
            ?? throw Indescribable(chain.Input!.Name, chain.Rows!);
    }

    // Converts a factor of rows, which are numbered through all their axes, into factors of the input's elements.
    private List<OnnxFactor> Composed(OnnxFactor rows)
    {
        List<OnnxFactor> found = [];
        OnnxFactor[] axes = chain.Rows!.Factors;
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
        if (chain.LengthsInput is { } lengths)
        {
            var parts = new List<(PortAxis Role, OnnxFactor Factor)> { (PortAxis.Batch, new OnnxFactor(_batch, 1)) };
            yield return Describe(lengths, parts, [], PortKind.Lengths, 1) ?? throw Indescribable(lengths.Name, chain.Rows!);
        }
    }

    /// <summary>Describes the inputs that hold initial states. One input may hold several.</summary>
    private IEnumerable<ModelPort> InitialStates(NetworkSpec spec)
    {
        foreach (IGrouping<int, StateUse> group in chain.States.GroupBy(Input))
        {
            OnnxInput input = chain.Inputs[group.Key];
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

        int Input(StateUse use) => chain.SourceOf(use.View) is { Kind: SourceKind.Input } source
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
        long[] shape = folding.Find(input.Name)!.Shape;
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
            if (folding.HasInitializer(input.Name))
            {
                continue;
            }

            bool used = fed.Contains(input.Name) || (folding.IsUsed(input.Name) && !folding.Find(input.Name)!.IsData);
            string name = ModelFormatException.Quote(input.Name);
            if (!used && context.Given.ContainsKey(input.Name))
            {
                throw context.Fail($"an array is given for input {name}, which has no effect on the outputs, expected none");
            }

            if (!used)
            {
                unused.Add($"input {name}");
            }
        }

        foreach (OnnxTensor tensor in graph.Initializers.Where(tensor => !folding.IsUsed(tensor.Name)))
        {
            unused.Add($"initializer {ModelFormatException.Quote(tensor.Name)} {tensor.ShapeText}");
        }
    }
}
