using SpanRnn.Formats.Model;
using static SpanRnn.Formats.Onnx.OnnxArguments;

namespace SpanRnn.Formats.Onnx;

/// <summary>
/// The chain of layers that the nodes on data make. The elements of data are only numbered: a number says of which array they are, the
/// source, and at which place. A stage is the rows between two layers, or rows with a function of them that is not a layer yet.
/// </summary>
internal sealed partial class OnnxChain
{
    // The numbers of a source's elements start at its index shifted by this, so a number determines its source.
    private const int SourceShift = 40;

    private readonly OnnxContext _context;
    private readonly List<string> _unused;
    private readonly List<OnnxInput> _inputs = [];
    private readonly Dictionary<long, Source> _sources = [];
    private readonly List<Stage> _stages = [];
    private readonly List<OnnxView> _padded = [];

    // The rows that the next layer reads, or that of a stage whose formula is of them.
    private int _top = -1;

    // Factors of the elements of the entered input, and of the same elements as rows and features.
    private OnnxFactor[] _inputFactors = [];
    private OnnxFactor[] _rowFactors = [];

    /// <summary>Starts without layers.</summary>
    /// <param name="context">The model.</param>
    /// <param name="unused">Takes parts without an effect.</param>
    public OnnxChain(OnnxContext context, List<string> unused)
    {
        (_context, _unused) = (context, unused);
    }

    /// <summary>Kind of a source.</summary>
    public enum SourceKind
    {
        /// <summary>An input of the graph, row-major.</summary>
        Input,

        /// <summary>Every row of a stage: [rows, features].</summary>
        Steps,

        /// <summary>One row per sequence of a stage: [B, features].</summary>
        Final,

        /// <summary>The final h of a recurrent layer: [B, directions, size].</summary>
        Hidden,

        /// <summary>The final c of an LSTM: [B, directions, size].</summary>
        Cell,

        /// <summary>Data with zeros behind its features, row-major.</summary>
        Padded,

        /// <summary>A step of each sequence that depends on its length: [B].</summary>
        Index,
    }

    /// <summary>The input that the layers read; null before the first layer.</summary>
    public OnnxInput? Input { get; private set; }

    /// <summary>True if it is symbols.</summary>
    public bool IsSymbols { get; private set; }

    /// <summary>The axes of rows of the input, in the elements of the input.</summary>
    public OnnxView? Rows { get; private set; }

    /// <summary>The factors of the features of the input.</summary>
    public OnnxFactor[] FeatureAxis { get; private set; } = [];

    /// <summary>Number of features of the input.</summary>
    public long FeaturesIn => FeatureAxis.Aggregate(1L, (product, factor) => product * factor.Size);

    /// <summary>T.</summary>
    public long Steps { get; private set; }

    /// <summary>B.</summary>
    public long Batch { get; private set; }

    /// <summary>The steps among the rows of the first stage, in rows.</summary>
    public OnnxFactor InputSteps { get; private set; }

    /// <summary>The sequences among the rows of the first stage, in rows.</summary>
    public OnnxFactor InputBatch { get; private set; }

    /// <summary>The layers; null before the first one.</summary>
    public NetworkBuilder? Builder { get; private set; }

    /// <summary>The inputs of the graph that are data.</summary>
    public IReadOnlyList<OnnxInput> Inputs => _inputs;

    /// <summary>The stage on top of all layers.</summary>
    public Stage Top => _stages[_top];

    private OnnxLimits Limits => _context.Limits;

    private long Opset => _context.Model.Opset;

    /// <summary>Number of the first element of a source.</summary>
    public static long Base(SourceKind kind, int number) => Index(kind, number) << SourceShift;

    /// <summary>One factor, or none.</summary>
    public static OnnxFactor[] One(long size, long stride) => [new OnnxFactor(size, stride)];

    /// <summary>True if a view has every element of a source once, in any order.</summary>
    public static bool IsWhole(OnnxView view, Source source)
    {
        if (view.Offset != source.Base || view.Count != source.Count)
        {
            return false;
        }

        long next = 1;
        foreach (OnnxFactor factor in view.Factors.OrderBy(factor => factor.Stride))
        {
            if (factor.Stride != next)
            {
                return false;
            }

            next *= factor.Size;
        }

        return true;
    }

    /// <summary>Makes data of an input of the graph.</summary>
    public OnnxValue AddInput(OnnxInput input)
    {
        string name = ModelFormatException.Quote(input.Name);
        List<OnnxSize>? sizes = input.Shape
            ?? (_context.Given.TryGetValue(input.Name, out NpyArray? array) ? [.. new OnnxSize[array.Shape.Length]] : null);
        if (sizes is null)
        {
            throw _context.Fail($"input {name} has no shape, expected one, in which sizes may be unknown");
        }

        var type = (OnnxType)input.Type;
        if (!Enum.IsDefined(type) || sizes.Count > OnnxLimits.Rank)
        {
            throw _context.Fail(
                $"input {name} has the element type {input.Type} and {sizes.Count} axes, "
                + $"expected real or whole numbers and at most {OnnxLimits.Rank}");
        }

        int number = _inputs.Count;
        _inputs.Add(input);
        long[] shape = [.. sizes.Select((size, axis) => size.Known > 0
            ? size.Known
            : _context.Sizes.Of(size.Name is null ? $"{number}/{axis}" : $" {size.Name}"))];
        Source source = AddSource(SourceKind.Input, number, Count(shape, problem => _context.Fail($"input {name} {problem}")));
        return OnnxValue.Data(type, OnnxView.RowMajor(source.Base, shape));
    }

    /// <summary>The input of the graph that data are of; null if they are not of one.</summary>
    public OnnxInput? InputOf(OnnxValue value) => value.View.Count > 0 && SourceAt(value.View.Offset) is { Kind: SourceKind.Input } source
        ? _inputs[source.Number]
        : null;

    /// <summary>True if an array is given for an input, which may then be a constant. The input of the layers is never one.</summary>
    public bool IsGiven(OnnxValue value) => InputOf(value) is { } input && input != Input && _context.Given.ContainsKey(input.Name);

    /// <summary>The source of an element; null if it is a constant's.</summary>
    public Source? SourceAt(long element) => _sources.GetValueOrDefault(element >> SourceShift);

    /// <summary>The source of all elements; null if they have several.</summary>
    public Source? SourceOf(OnnxView view)
    {
        if (view.Count == 0)
        {
            return null;
        }

        (long lowest, long highest) = view.Range;
        return lowest >> SourceShift == highest >> SourceShift ? SourceAt(lowest) : null;
    }

    /// <summary>Names a source for a message.</summary>
    public string Text(Source source) => source.Kind switch
    {
        SourceKind.Input => $"input {ModelFormatException.Quote(_inputs[source.Number].Name)}",
        SourceKind.Steps when source.Number == 0 && !IsSymbols => $"input {ModelFormatException.Quote(Input!.Name)}",
        SourceKind.Steps => $"the steps of {(IsTop(source) ? "the last layer" : "an earlier layer")}",
        SourceKind.Padded => "padded data",
        SourceKind.Final => $"the rows of the sequences of {(IsTop(source) ? "the last layer" : "an earlier layer")}",
        SourceKind.Index => "steps that depend on lengths",
        SourceKind.Hidden => $"the final h of recurrent layer {source.Number}",
        _ => $"the final c of recurrent layer {source.Number}",
    };

    /// <summary>True if a source is the rows on top of all layers, or a function of them.</summary>
    public bool IsTop(Source source) =>
        source.Kind is SourceKind.Steps or SourceKind.Final && _stages[source.Number].Below == _top;

    /// <summary>Finds the rows that a value is, after entering the input or pooling the steps where the value does so.</summary>
    /// <param name="value">Data.</param>
    /// <param name="firstFeature">The first axis of the features, if the value is the input of the first layer.</param>
    /// <param name="fail">Makes a refusal.</param>
    /// <returns>The elements by the numbers of the stage, and the stage.</returns>
    public (OnnxView View, Stage Stage) Resolve(OnnxValue value, int firstFeature, Func<string, ModelFormatException> fail)
    {
        OnnxView view = SideBySide(value.View) ?? value.View;
        Source source = SourceOf(view) ?? throw fail("takes parts of different layers or inputs, expected the whole output of one layer");
        if (source.Kind == SourceKind.Input)
        {
            return Input is null ? Enter(value, firstFeature, source, fail)
                : _inputs[source.Number] != Input || IsSymbols
                    ? throw fail($"takes {Text(source)}, but the layers already read '{Input.Name}', expected one input")
                : AsRows(view) is { } rows ? (rows, _stages[0])
                : throw fail($"takes {value.View.Text} of {Text(source)} in another order than the layers do, expected the same rows");
        }

        if (source.Kind == SourceKind.Hidden && IsPerSequence(source))
        {
            return Pooled(view, source, new FinalStateLayer(), fail);
        }

        if (source.Kind is not (SourceKind.Steps or SourceKind.Final))
        {
            throw fail($"takes {Text(source)}, which no layer of a chain reads, expected the output of a layer");
        }

        return source.Kind == SourceKind.Steps && !IsWhole(view, source) && Last(view, fail) is { } last
            ? last
            : (view, _stages[source.Number]);
    }

    /// <summary>Takes the rows on top of all layers as the input of the next layer.</summary>
    /// <param name="node">The layer.</param>
    /// <param name="value">The input.</param>
    /// <param name="firstFeature">The first axis of the features, which are all axes from there on.</param>
    private (OnnxView View, Stage Stage) Take(OnnxNode node, OnnxValue value, int firstFeature)
    {
        (OnnxView view, Stage stage) = Operand(node, value, firstFeature);
        OnnxFactor[] features = OnnxView.Merge(
            Enumerable.Range(firstFeature, view.Rank - firstFeature).SelectMany(i => view.Axis(i).ToArray()));
        bool whole = stage.Features == 1 ? features.Length == 0 : features is [{ Stride: 1 } all] && all.Size == stage.Features;
        if (!whole)
        {
            throw NotWhole(node, value, stage, " on the last axis");
        }

        Settle(stage, node.Fail);
        return (view, stage);
    }

    // The rows of a value, all of them, on top of all layers.
    private (OnnxView View, Stage Stage) Operand(OnnxNode node, OnnxValue value, int firstFeature)
    {
        (OnnxView View, Stage Stage) found = WholeRows(node, value, firstFeature);
        return found.Stage.Below != _top ? throw Branch(node, found.Stage)
            : found.Stage.IsPart ? throw NotWhole(node, value, found.Stage, string.Empty)
            : found;
    }

    // The rows of a value, all of them; those of an earlier layer may be added to later ones.
    private (OnnxView View, Stage Stage) WholeRows(OnnxNode node, OnnxValue value, int firstFeature)
    {
        (OnnxView view, Stage stage) = Resolve(value, firstFeature, node.Fail);
        if (IsWhole(view, stage.Source))
        {
            return (view, stage);
        }

        // The first features of all rows may be added to others.
        long features = FeaturesOf(view, stage);
        bool isPart = features < stage.Features && view.Offset == stage.Source.Base
            && view.Count == stage.Source.Count / stage.Features * features;
        return isPart
            ? AddFormula(view, stage, stage.Formula, features, node, isPart: true)
            : throw NotWhole(node, value, stage, string.Empty);
    }

    private ModelFormatException Branch(OnnxNode node, Stage stage) => node.Fail(
        $"takes {Text(stage.Source)}, which another layer reads already, expected a chain of layers whose branches are sums");

    private ModelFormatException NotWhole(OnnxNode node, OnnxValue value, Stage stage, string where) => node.Fail(
        $"takes {value.View.Text} of {Text(stage.Source)}, expected all of its {_stages[stage.Below].Features} features{where}, of every "
        + "step or of the last one");

    /// <summary>Enters the first layer. The last axes are its features, all others its rows.</summary>
    private (OnnxView View, Stage Stage) Enter(
        OnnxValue value, int firstFeature, Source input, Func<string, ModelFormatException> fail)
    {
        OnnxView view = value.View;
        int first = Math.Min(firstFeature, view.Rank - 1);
        if (view.Rank < 1 || !IsWhole(view, input))
        {
            throw fail($"takes {value.View.Text} of {Text(input)}, expected all of it");
        }

        if (!value.Type.IsReal())
        {
            throw fail($"the data has the type {value.Type.Name()}, expected real numbers");
        }

        long[] shape = view.Shape;
        FeatureAxis = OnnxView.Merge(Enumerable.Range(first, view.Rank - first).SelectMany(i => view.Axis(i).ToArray()));
        long features = shape[first..].Aggregate(1L, (product, size) => product * size);
        Input = _inputs[input.Number];
        Rows = OnnxView.Of(view.Offset, Enumerable.Range(0, first).Select(i => view.Axis(i).ToArray()));
        if (features > int.MaxValue)
        {
            throw fail($"the data has {features} features, expected fewer");
        }

        Builder = new NetworkBuilder((int)features);
        Stage stage = AddStage(SourceKind.Steps, features, view.Count / features);
        var rows = OnnxView.RowMajor(stage.Source.Base, shape);
        (_inputFactors, _rowFactors) = Split(view, rows);
        return (rows, stage);
    }

    // The factors of the axes of two views of one shape, in the same pieces.
    private static (OnnxFactor[] One, OnnxFactor[] Other) Split(OnnxView view, OnnxView rows)
    {
        List<OnnxFactor> one = [], other = [];
        for (int axis = 0; axis < view.Rank; axis++)
        {
            long stride = rows.Axis(axis) is [var whole] ? whole.Stride * whole.Size : 0;
            foreach (OnnxFactor factor in view.Axis(axis))
            {
                stride /= factor.Size;
                one.Add(factor);
                other.Add(factor with { Stride = stride });
            }
        }

        return ([.. one], [.. other]);
    }

    // A view of the entered input as one of the rows of the first stage; null if its elements are not in whole axes from the first on.
    private OnnxView? AsRows(OnnxView view)
    {
        if (SourceOf(view) is not { } source || view.Offset != source.Base)
        {
            return null;
        }

        List<OnnxFactor[]> axes = [];
        for (int axis = 0; axis < view.Rank; axis++)
        {
            List<OnnxFactor> factors = [];
            foreach (OnnxFactor factor in view.Axis(axis))
            {
                // A factor of the view may be several of the input, the fastest last.
                (long size, long stride) = factor;
                int place = factors.Count;
                while (size > 1)
                {
                    int found = Array.FindIndex(_inputFactors, own => own.Stride == stride);
                    if (found < 0)
                    {
                        return null;
                    }

                    long taken = Math.Min(size, _inputFactors[found].Size);
                    if (size % taken != 0)
                    {
                        return null;
                    }

                    factors.Insert(place, new OnnxFactor(taken, _rowFactors[found].Stride));
                    size /= taken;
                    stride *= taken;
                }
            }

            axes.Add([.. factors]);
        }

        return OnnxView.Of(_stages[0].Source.Base, axes);
    }

    /// <summary>Rows on top of all layers: those of a layer that was added.</summary>
    private Stage AddStage(SourceKind kind, long features, long rows)
    {
        int number = _stages.Count;
        var stage = new Stage
        {
            Source = AddSource(kind, number, checked(rows * features)),
            Features = features,
            Below = number,
            Layers = Builder!.Count,
            IsAfterRecurrent = _recurrent.Count > 0,
        };
        _stages.Add(stage);
        _top = number;
        return stage;
    }

    /// <summary>Rows with a function of those of another stage.</summary>
    private (OnnxView View, Stage Stage) AddFormula(
        OnnxView view, Stage of, OnnxFormula formula, long features, OnnxNode node, bool isPart = false)
    {
        int number = _stages.Count;
        var stage = new Stage
        {
            Source = AddSource(of.Source.Kind, number, of.Source.Count / of.Features * features),
            Features = features,
            Below = of.Below,
            Layers = -1,
            IsAfterRecurrent = of.IsAfterRecurrent,
            Formula = formula,
            Node = node,
            IsPart = isPart || of.IsPart,
        };
        _stages.Add(stage);
        if (_context.KeptRows.Contains(number) && stage.Below == _top && !stage.IsPart)
        {
            Settle(stage, node.Fail);
        }

        return (Renumbered(view, of, stage), stage);
    }

    // The same rows of another stage. If the number of features changes, they are the axis of the old features.
    private static OnnxView Renumbered(OnnxView view, Stage from, Stage to) => OnnxView.Of(
        view.Offset - from.Source.Base + to.Source.Base,
        Enumerable.Range(0, view.Rank).Select(i => from.Features == to.Features ? view.Axis(i).ToArray()
            : view.Axis(i) is [{ Stride: 1 }] && from.Features > 1 ? One(to.Features, 1)
            : Array.ConvertAll(
                view.Axis(i).ToArray(), factor => factor with { Stride = factor.Stride / from.Features * to.Features })));

    // True if an axis is the features; with one feature, no axis is.
    private static bool IsFeatures(ReadOnlySpan<OnnxFactor> axis, Stage stage) =>
        axis is [{ Stride: 1 } factor] && factor.Size == stage.Features && stage.Features > 1;

    private Source AddSource(SourceKind kind, int number, long count)
    {
        if (count > OnnxLimits.Elements)
        {
            throw _context.Fail($"a layer has {count} outputs, expected at most 2^38");
        }

        long index = Index(kind, number);
        var source = new Source(kind, number, index << SourceShift, count);
        _sources.Add(index, source);
        return source;
    }

    private static long Index(SourceKind kind, int number) => ((long)kind << 20) | (uint)number;

    /// <summary>Turns the builder's complaint about the layers into a refusal of the file.</summary>
    public T Build<T>(Func<T> build)
    {
        try
        {
            return build();
        }
        catch (Exception e) when (e is ArgumentException or OverflowException)
        {
            throw _context.Fail($"its layers are not a network: {ModelFormatException.Sentence(e).TrimEnd('.')}");
        }
    }

    /// <summary>The array that an element is of.</summary>
    /// <param name="Kind">What it is.</param>
    /// <param name="Number">Its number among those of the kind.</param>
    /// <param name="Base">The number of its first element.</param>
    /// <param name="Count">The number of its elements.</param>
    public sealed record Source(SourceKind Kind, int Number, long Base, long Count);

    /// <summary>Rows between two layers, or with a function of them that is not a layer yet.</summary>
    public sealed class Stage
    {
        /// <summary>Its elements.</summary>
        public required Source Source { get; init; }

        /// <summary>Number of features.</summary>
        public required long Features { get; init; }

        /// <summary>The stage of which the formula is; the stage itself if it is between layers.</summary>
        public required int Below { get; set; }

        /// <summary>Number of layers below; −1 if there is no such place between layers.</summary>
        public required int Layers { get; set; }

        /// <summary>True if the rows are in the order of steps and sequences that recurrent layers have.</summary>
        public required bool IsAfterRecurrent { get; init; }

        /// <summary>The function of the features.</summary>
        public OnnxFormula Formula { get; set; } = OnnxFormula.Row;

        /// <summary>The last node of the function.</summary>
        public OnnxNode? Node { get; init; }

        /// <summary>True if it has the first features of the stage below only, which may be added to others.</summary>
        public bool IsPart { get; init; }

        /// <summary>True if there is one row per sequence.</summary>
        public bool IsPerSequence => Source.Kind == SourceKind.Final;
    }
}
