using static SpanRnn.Formats.Onnx.OnnxArguments;

namespace SpanRnn.Formats.Onnx;

/// <content>Operators that make one row per sequence of its steps, and merges of directions.</content>
internal sealed partial class OnnxChain
{
    private readonly List<StepOf> _steps = [];
    private readonly Dictionary<(int Stage, LayerSpec Readout), Stage> _pooled = [];

    /// <summary>True if a value is a step of each sequence that depends on its length.</summary>
    public bool IsIndex(OnnxValue value) => value is { IsData: true } && SourceOf(value.View) is { Kind: SourceKind.Index };

    /// <summary>Lowers a mean, a maximum or a sum over the steps, over both directions, or a mean of the features.</summary>
    public OnnxValue Reduce(OnnxNode node, OnnxValue?[] inputs)
    {
        OnnxValue x = Required(node, inputs, 0);
        int rank = x.View.Rank;
        bool isGlobal = node.Operator is "GlobalAveragePool" or "GlobalMaxPool";
        long[] named = isGlobal ? [.. Enumerable.Range(2, Math.Max(rank - 2, 0))] : Parameter(node, inputs, 1, "axes", Limits) ?? [];
        bool keeps = isGlobal || node.Int64("keepdims", 1) != 0;
        int[] axes = [.. named.Select(axis => Axis(node, axis, rank)).Distinct().Order()];
        int[] wide = [.. axes.Where(axis => x.View.Size(axis) > 1)];
        Pooling kind = node.Operator switch
        {
            "ReduceSum" => Pooling.Sum,
            "ReduceMax" or "GlobalMaxPool" => Pooling.Maximum,
            _ => Pooling.Mean,
        };
        if (wide.Length == 0 && axes.Length > 0)
        {
            // Of one element, its mean, maximum and sum are the element.
            OnnxView same = x.View;
            foreach (int gone in keeps ? [] : axes.Reverse())
            {
                same = same.Remove(gone);
            }

            return x.With(same);
        }

        if (wide is not [var reduced])
        {
            throw node.Fail(
                $"reduces axes [{string.Join(", ", axes)}] of data of shape {x.View.Text}, expected one axis of more than one element");
        }

        Real(node, "the data", x);
        (OnnxView view, Stage stage) = Operand(node, x, rank - 1);
        OnnxFactor[] axis = view.Axis(reduced).ToArray();
        // Two features are also two directions of one unit; a normalization keeps the axis.
        bool isDirections = _recurrent is [.., var top] && top.Spec.Bidirectional && kind != Pooling.Maximum
            && (top.Stage == stage.Below || _pooled.GetValueOrDefault((top.Stage, new FinalStateLayer())) == _stages[stage.Below])
            && ReferenceEquals(stage.Formula, OnnxFormula.Row) && axis.AsSpan().SequenceEqual(One(2, top.Spec.HiddenSize));
        if (IsFeatures(axis, stage) && kind == Pooling.Mean && !(isDirections && !keeps))
        {
            // One number for each row, as a normalization over the features needs.
            (view, _) = AddFormula(view, stage, new OnnxFormula.Mean(stage.Formula), 1, node);
            view = OnnxView.Of(view.Offset, Enumerable.Range(0, rank).Select(i => i == reduced ? [] : view.Axis(i).ToArray()));
        }
        else if (isDirections)
        {
            view = Merge(view, stage, kind == Pooling.Sum ? DirectionMerge.Sum : DirectionMerge.Average, reduced);
        }
        else if (_recurrent.Count > 0 && !stage.IsPerSequence && axis.AsSpan().SequenceEqual(One(Steps, Batch * stage.Features)))
        {
            bool isZeroBeyond = kind == Pooling.Sum && _recurrent[^1].Stage == stage.Below
                && ReferenceEquals(stage.Formula, OnnxFormula.Row);
            if (_hasLengths && !isZeroBeyond)
            {
                throw node.Fail(
                    "pools all steps of sequences that have sequence_lens, expected none: the steps beyond a length would count");
            }

            view = Pool(view, stage, new PoolLayer(kind), reduced, node.Fail);
        }
        else
        {
            throw node.Fail(
                $"reduces axis {reduced} of data of shape {x.View.Text}, expected the steps above a recurrent layer, both directions of "
                + "one, or a mean of the features");
        }

        foreach (int gone in keeps ? [] : axes.Reverse())
        {
            view = view.Remove(gone);
        }

        return OnnxValue.Data(x.Type, view);
    }

    /// <summary>Lowers rows at steps that depend on lengths, of steps and sequences that are one axis.</summary>
    public OnnxValue PickRows(OnnxNode node, OnnxValue?[] inputs)
    {
        (OnnxValue x, OnnxValue index) = (Required(node, inputs, 0), Required(node, inputs, 1));
        int axis = Axis(node, node.Int64("axis", 0), x.View.Rank);
        if (!IsIndex(index))
        {
            throw node.Fail($"takes elements at indices of shape {index.View.Text} that are computed, expected constants or lengths − 1");
        }

        (OnnxView view, Stage stage) = Operand(node, x, x.View.Rank - 1);
        StepOf step = _steps[SourceOf(index.View)!.Number];
        OnnxFactor[] rows = [new OnnxFactor(Batch, stage.Features), new OnnxFactor(Steps, Batch * stage.Features)];
        bool isRows = _recurrent.Count > 0 && view.Axis(axis).SequenceEqual(OnnxView.Merge(rows))
            && index.View.Rank == 1 && index.View.Axis(0).SequenceEqual(OnnxView.Merge(One(Batch, 1)))
            && !step.Added.Where((added, i) => added != (i * Steps) - 1).Any();
        if (!isRows)
        {
            throw NoLastStep(node, x);
        }

        return OnnxValue.Data(x.Type, Valid(node, step, WithAxis(view, axis, One(Batch, stage.Features)), stage, -1));
    }

    /// <summary>Lowers elements at steps that depend on lengths, the same step for all features.</summary>
    public OnnxValue PickElements(OnnxNode node, OnnxValue?[] inputs)
    {
        (OnnxValue x, OnnxValue index) = (Required(node, inputs, 0), Required(node, inputs, 1));
        int axis = Axis(node, node.Int64("axis", 0), x.View.Rank);
        if (!IsIndex(index))
        {
            throw node.Fail($"takes elements at indices of shape {index.View.Text}, expected lengths − 1");
        }

        (OnnxView view, Stage stage) = Operand(node, x, x.View.Rank - 1);
        StepOf step = _steps[SourceOf(index.View)!.Number];
        bool fits = _recurrent.Count > 0 && view.Axis(axis).SequenceEqual(OnnxView.Merge(One(Steps, Batch * stage.Features)))
            && index.View.Rank == view.Rank && index.View.Size(axis) == 1 && step.IsLast;
        for (int i = 0; i < view.Rank && fits; i++)
        {
            OnnxFactor[] own = view.Axis(i).ToArray(), other = index.View.Axis(i).ToArray();
            fits = i == axis || (IsFeatures(own, stage) ? index.View.Size(i) == stage.Features && other.All(factor => factor.Stride == 0)
                : own.AsSpan().SequenceEqual(Array.ConvertAll(other, factor => factor with { Stride = factor.Stride * stage.Features })));
        }

        return fits
            ? OnnxValue.Data(x.Type, Valid(node, step, WithAxis(view, axis, []), stage, -1))
            : throw NoLastStep(node, x);
    }

    /// <summary>Lowers rows at pairs of a sequence and a step that depends on its length.</summary>
    public OnnxValue PickNd(OnnxNode node, OnnxValue?[] inputs)
    {
        (OnnxValue x, OnnxValue index) = (Required(node, inputs, 0), Required(node, inputs, 1));
        if (!IsIndex(index))
        {
            throw node.Fail($"takes rows at indices of shape {index.View.Text}, expected lengths − 1");
        }

        (OnnxView view, Stage stage) = Operand(node, x, x.View.Rank - 1);
        StepOf step = _steps[SourceOf(index.View)!.Number];
        int batch = (int)node.Int64("batch_dims", 0);

        // [B, T, F] at [B, 2] of sequence and step, or with the sequences as an axis of both at [B, 1] of the step.
        bool fits = _recurrent.Count > 0 && view.Rank == 3 && step.IsLast && batch is 0 or 1 && step.HasSequence == (batch == 0)
            && view.Axis(0).SequenceEqual(OnnxView.Merge(One(Batch, stage.Features)))
            && view.Axis(1).SequenceEqual(OnnxView.Merge(One(Steps, Batch * stage.Features)))
            && index.View.Rank == 2 && index.View.Axis(0).SequenceEqual(OnnxView.Merge(One(Batch, 1)));
        return fits
            ? OnnxValue.Data(x.Type, Valid(node, step, WithAxis(view, 1, []), stage, 1))
            : throw NoLastStep(node, x);
    }

    /// <summary>Joins the number of each sequence and its step, as GatherND takes them; null for other values.</summary>
    public OnnxValue? JoinIndices(OnnxNode node, OnnxValue?[] inputs)
    {
        if (inputs is not [{ IsData: false, View.Rank: 2 } sequences, { View.Rank: 2 } steps] || !IsIndex(steps)
            || Axis(node, node.Int64("axis", 1), 2) != 1 || sequences.Type.IsReal())
        {
            return null;
        }

        bool inOrder = sequences.View.Size(1) == 1 && steps.View.Size(1) == 1 && sequences.View.Size(0) == steps.View.Size(0)
            && !sequences.Integers(Limits).Where((sequence, i) => sequence != i).Any();
        StepOf step = _steps[SourceOf(steps.View)!.Number];
        return inOrder ? AddStep(steps.Type, steps.View, step with { HasSequence = true }, twice: true) : null;
    }

    // A sum or difference of whole numbers: steps that depend on lengths.
    private OnnxValue StepsFrom(OnnxNode node, OnnxValue a, OnnxValue b)
    {
        (OnnxValue x, OnnxValue constant) = a.IsData ? (a, b) : (b, a);
        bool isSum = (node.Operator == "Add" || (node.Operator == "Sub" && a.IsData)) && !constant.IsData;
        if (node.Operator == "Max" && !constant.IsData && constant.View.Count == 1)
        {
            return AtLeast(node, x, constant.Integers(Limits)[0], null);
        }

        if (!isSum || (SourceOf(x.View) is { Kind: SourceKind.Input } input && _inputs[input.Number] == Input))
        {
            throw node.Fail(
                $"computes {node.Operator} of whole numbers that depend on the data, expected lengths of sequences and a constant that is "
                + "added");
        }

        StepOf step = StepAt(node, x);
        long[] shape = Broadcast(node, x.Shape, constant.Shape);
        if (!shape.AsSpan().SequenceEqual(x.Shape))
        {
            throw node.Fail(
                $"adds a constant of shape {constant.View.Text} to lengths of shape {x.View.Text}, expected one for each length");
        }

        long[] added = Broadcast(node, constant, shape).Integers(Limits);
        int sign = node.Operator == "Sub" ? -1 : 1;
        return AddStep(x.Type, x.View, step with { Added = [.. step.Added.Zip(added, (one, more) => one + (sign * more))] });
    }

    // A step of at least 0: the last step of an empty sequence is its first.
    private OnnxValue AtLeast(OnnxNode node, OnnxValue x, double? lowest, double? highest)
    {
        StepOf step = StepAt(node, x);
        bool fits = highest is null or >= int.MaxValue && (lowest is null || Array.TrueForAll(step.Added, added => lowest <= added + 1));
        return fits
            ? AddStep(x.Type, x.View, step)
            : throw node.Fail("limits steps that depend on lengths, expected a minimum of 0 for the last step and no maximum");
    }

    // What a value adds to lengths: those of an input of the graph, in order, or steps that were made of it.
    private StepOf StepAt(OnnxNode node, OnnxValue x)
    {
        Source? source = SourceOf(x.View);
        return source switch
        {
            { Kind: SourceKind.Index } => _steps[source.Number],
            { Kind: SourceKind.Input } when IsWhole(x.View, source) && x.View.Factors.Length < 2 =>
                new StepOf(_inputs[source.Number], new long[x.View.Count], HasSequence: false),
            _ => throw node.Fail(
                $"computes on whole numbers of shape {x.View.Text} that depend on the data, expected lengths, an input of the graph"),
        };
    }

    private OnnxValue AddStep(OnnxType type, OnnxView view, StepOf step, bool twice = false)
    {
        Source source = AddSource(SourceKind.Index, _steps.Count, step.Added.Length);
        _steps.Add(step);
        IEnumerable<OnnxFactor[]> axes = Enumerable.Range(0, view.Rank).Select(i => twice && i == 1 ? One(2, 0) : view.Axis(i).ToArray());
        return OnnxValue.Data(type, OnnxView.Of(source.Base, axes));
    }

    private static OnnxView WithAxis(OnnxView view, int axis, OnnxFactor[] factors) =>
        OnnxView.Of(view.Offset, Enumerable.Range(0, view.Rank).Select(i => i == axis ? factors : view.Axis(i).ToArray()));

    private static ModelFormatException NoLastStep(OnnxNode node, OnnxValue x) => node.Fail(
        $"takes steps of data of shape {x.View.Text} that depend on lengths, expected the step lengths − 1 of each sequence above a "
        + "recurrent layer");

    // The last valid step of each sequence: the same as the end of sequences of these lengths, if no layer runs in reverse.
    private OnnxView Valid(OnnxNode node, StepOf step, OnnxView view, Stage stage, int gone)
    {
        RecurrentNode? reverse = _recurrent.Find(recurrent => recurrent.Spec.Bidirectional || recurrent.Spec.Reverse);
        if (reverse is not null && !_hasLengths)
        {
            throw node.Fail(
                "takes the last valid step of each sequence of a layer that runs in reverse and begins with the steps behind it, expected "
                + "sequence_lens, or forward layers only");
        }

        if (_hasLengths && LengthsInput != step.Input)
        {
            throw node.Fail("takes steps by other lengths than sequence_lens, expected the same");
        }

        if (!_hasLengths && !PicksLastValid && _pooled.Count > 0)
        {
            throw node.Fail(
                "takes the last valid step of each sequence, and another node takes the last step or a final state, expected one of both");
        }

        LengthsInput = step.Input;
        PicksLastValid |= !_hasLengths;
        OnnxView pooled = Pool(view, stage, new PoolLayer(Pooling.Last), -1, node.Fail, isValid: true);
        return gone < 0 ? pooled : pooled.Remove(gone);
    }

    // One row per sequence, made by a layer; an axis of steps becomes one of size 1.
    private OnnxView Pool(
        OnnxView view, Stage stage, LayerSpec layer, int steps, Func<string, ModelFormatException> fail, bool isValid = false)
    {
        Stage above = PooledStage(stage, layer, fail, isValid);
        view = steps < 0 ? view : WithAxis(view, steps, []);
        return view.Move(above.Source.Base, 1);
    }

    // The rows of sequences of a stage, made once.
    private Stage PooledStage(Stage stage, LayerSpec layer, Func<string, ModelFormatException> fail, bool isValid = false)
    {
        if (PicksLastValid && !isValid)
        {
            throw fail("takes the last step or a final state, and another node takes the last valid step, expected one of both");
        }

        int number = _stages.IndexOf(stage);
        if (_pooled.TryGetValue((number, layer), out Stage? made))
        {
            return made;
        }

        if (stage.Below != _top || stage.IsPerSequence)
        {
            throw fail($"takes {Text(stage.Source)}, which another layer reads already, expected a chain of layers without branches");
        }

        Settle(stage, fail);
        int place = layer is FinalStateLayer or PoolLayer { Kind: Pooling.Last } ? Build(() => Builder!.Pool(layer)) : Builder!.Count;
        if (place == Builder!.Count)
        {
            Builder.Add(layer, []);
        }
        else
        {
            // Layers of single rows went up by one.
            foreach (Stage below in _stages.Where(below => below.Layers > place))
            {
                below.Layers++;
            }
        }

        Stage above = AddStage(SourceKind.Final, stage.Features, Batch);
        _pooled.Add((number, layer), above);
        return above;
    }

    // Final states of the top recurrent layer as its rows of sequences.
    private (OnnxView View, Stage Stage) Pooled(
        OnnxView view, Source source, LayerSpec readout, Func<string, ModelFormatException> fail)
    {
        Stage stage = PooledStage(_stages[_recurrent[source.Number].Stage], readout, fail);
        return (view.Move(view.Offset - source.Base + stage.Source.Base, 1), stage);
    }

    private bool IsPerSequence(Source hidden) => hidden.Number == _recurrent.Count - 1
        && (_recurrent[^1].Stage == _top || _pooled.ContainsKey((_recurrent[^1].Stage, new FinalStateLayer())));

    // Both halves of the features of a bidirectional layer: null for other values.
    private OnnxValue? Directions(OnnxValue a, OnnxValue b, DirectionMerge merge)
    {
        if (_recurrent is not [.., { Spec.Bidirectional: true } top] || SourceOf(a.View) is not { } source || SourceOf(b.View) != source)
        {
            return null;
        }

        long size = top.Spec.HiddenSize;
        bool isTop = (source.Kind == SourceKind.Steps && source.Number == top.Stage && _top == top.Stage)
            || (source.Kind == SourceKind.Hidden && source.Number == _recurrent.Count - 1 && _top == top.Stage);
        bool halves = isTop && a.View.Count * 2 == source.Count && Math.Abs(a.View.Offset - b.View.Offset) == size
            && Math.Min(a.View.Offset, b.View.Offset) == source.Base && a.View.Rank == b.View.Rank
            && Enumerable.Range(0, a.View.Rank).All(i => a.View.Axis(i).SequenceEqual(b.View.Axis(i)))
            && a.View.Factors.Sum(factor => (factor.Size - 1) * factor.Stride) == source.Count - size - 1;
        if (!halves)
        {
            return null;
        }

        (OnnxView view, Stage stage) = (a.View.Move(source.Base, 1), _stages[top.Stage]);
        if (source.Kind == SourceKind.Hidden)
        {
            (view, stage) = Pooled(view, source, new FinalStateLayer(), _context.Fail);
        }

        return OnnxValue.Data(a.Type, Merge(view, stage, merge, -1));
    }

    // A merge of directions; an axis of directions becomes one of size 1.
    private OnnxView Merge(OnnxView view, Stage stage, DirectionMerge merge, int directions)
    {
        long size = stage.Features / 2;
        Builder!.Add(new MergeLayer(merge), []);
        Stage above = AddStage(stage.Source.Kind, size, stage.Source.Count / stage.Features);
        return OnnxView.Of(
            above.Source.Base,
            Enumerable.Range(0, view.Rank).Select(i => i == directions ? [] : Array.ConvertAll(
                view.Axis(i).ToArray(), factor => factor.Stride < stage.Features ? factor : factor with { Stride = factor.Stride / 2 })));
    }

    /// <summary>
    /// Makes a view of the last step rows of sequences; null for any other view. The final state of a forward layer is step T − 1, of a
    /// reverse layer step 0, and of a bidirectional layer a half of each. For all else the last step is step T − 1.
    /// </summary>
    public (OnnxView View, Stage Stage)? Last(OnnxView view, Func<string, ModelFormatException> fail)
    {
        if (_recurrent.Count == 0 || SourceOf(view) is not { Kind: SourceKind.Steps } source)
        {
            return null;
        }

        Stage stage = _stages[source.Number];
        RecurrentNode top = _recurrent[^1];
        long row = Batch * stage.Features;
        long end = (Steps - 1) * row;
        long offset = view.Offset - source.Base;
        List<OnnxFactor[]> axes = [.. Enumerable.Range(0, view.Rank).Select(i => view.Axis(i).ToArray())];
        long step = row == 0 ? 0 : Math.Clamp(offset / row, 0, Steps - 1);
        bool isLast = step == Steps - 1;
        bool isState = top.Spec.Bidirectional
            ? top.Stage == source.Number && Halves(axes, top.Spec.HiddenSize, end)
            : top.Spec.Reverse ? step == 0 : isLast;
        offset -= step * row;
        var moved = OnnxView.Of(offset, axes);
        (long lowest, long highest) = moved.Range;
        if (lowest < 0 || highest >= row)
        {
            return null;
        }

        if (_hasLengths)
        {
            throw fail($"takes step {(isLast ? "T − 1" : step)} of sequences that have sequence_lens, expected Y_h, their final states");
        }

        LayerSpec readout = isState ? new FinalStateLayer() : isLast ? new PoolLayer(Pooling.Last) : new StepLayer((int)step);
        Stage above = PooledStage(stage, readout, fail);
        return (moved.Move(offset + above.Source.Base, 1), above);
    }

    // h of the forward direction is at the end, h of the reverse direction at the start: their factor becomes the factor of a state.
    private static bool Halves(List<OnnxFactor[]> axes, long size, long end)
    {
        foreach (OnnxFactor[] axis in axes)
        {
            int found = Array.IndexOf(axis, new OnnxFactor(2, size - end));
            if (found >= 0)
            {
                axis[found] = new OnnxFactor(2, size);
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Makes final states side by side, h and c of the top layer or the states of all layers, rows of sequences; null for any other view.
    /// </summary>
    private OnnxView? SideBySide(OnnxView view)
    {
        int last = view.Rank - 1;
        if (_recurrent is not [.., var top] || last < 0 || SourceOf(view) is not null || view.Count == 0)
        {
            return null;
        }

        // The sequences may be on any axis in front.
        long size = top.Spec.OutputSize;
        List<OnnxFactor[]> axes = [.. Enumerable.Range(0, last).Select(axis => view.Axis(axis).ToArray())];
        bool hasRows = OnnxView.Merge(axes.SelectMany(axis => axis)).AsSpan().SequenceEqual(OnnxView.Merge(One(Batch, size)));
        foreach ((bool all, bool cells) in new[] { (false, true), (true, false), (true, true) })
        {
            int lowest = all ? 0 : _recurrent.Count - 1;
            int layers = _recurrent.Count - lowest;
            var kinds = new OnnxFactor(cells ? 2 : 1, Base(SourceKind.Cell, 0) - Base(SourceKind.Hidden, 0));
            OnnxFactor[] expected = OnnxView.Merge([kinds, new OnnxFactor(layers, 1L << SourceShift), new OnnxFactor(size, 1)]);
            bool isReadout = hasRows && view.Offset == Base(SourceKind.Hidden, lowest) && view.Axis(last).SequenceEqual(expected)
                && _recurrent.Skip(lowest).All(layer => layer.Spec.OutputSize == size);
            if (isReadout)
            {
                Stage stage = StatesStage(top, new FinalStateLayer { AllLayers = all, Cells = cells }, kinds.Size * layers * size);
                axes = axes.ConvertAll(axis => Array.ConvertAll(axis, factor => factor with { Stride = stage.Features }));
                return OnnxView.Of(stage.Source.Base, [.. axes, One(stage.Features, 1)]);
            }
        }

        return null;
    }

    private Stage StatesStage(RecurrentNode top, FinalStateLayer readout, long features)
    {
        if (_pooled.TryGetValue((top.Stage, readout), out Stage? made))
        {
            return made;
        }

        if (_top != top.Stage)
        {
            throw _context.Fail("final states side by side are read above other layers, expected them right above the recurrent layers");
        }

        Builder!.Add(readout, []);
        Stage above = AddStage(SourceKind.Final, features, Batch);
        _pooled.Add((top.Stage, readout), above);
        return above;
    }

    // A step of each sequence: its length and a number; with the number of the sequence in front, as GatherND takes both.
    private sealed record StepOf(OnnxInput Input, long[] Added, bool HasSequence)
    {
        public bool IsLast => Array.TrueForAll(Added, added => added == -1);
    }
}
