namespace SpanRnn.Formats.Onnx;

/// <summary>State that all passes over one model share.</summary>
internal sealed class OnnxContext
{
    private readonly Dictionary<OnnxTensor, OnnxValue> _tensors = [];
    private readonly Dictionary<string, OnnxValue> _given = [];

    /// <summary>Reads the model, but not the content of its tensors.</summary>
    public OnnxContext(ReadOnlyMemory<byte> bytes, string name, string? folder, IReadOnlyDictionary<string, NpyArray>? given)
    {
        File = name;
        Given = given ?? new Dictionary<string, NpyArray>();
        Limits = new OnnxLimits(name, bytes.Length + Given.Values.Sum(array => (long)array.Data.Length));
        Files = new OnnxExternalData(name, folder, Limits);
        Model = OnnxFile.Parse(bytes, name, Limits);
    }

    /// <summary>The file as messages call it.</summary>
    public string File { get; }

    /// <summary>The model.</summary>
    public OnnxFile Model { get; }

    /// <summary>The limits of its cost.</summary>
    public OnnxLimits Limits { get; }

    /// <summary>The files beside the model.</summary>
    public OnnxExternalData Files { get; }

    /// <summary>The arrays for inputs of the graph, by name.</summary>
    public IReadOnlyDictionary<string, NpyArray> Given { get; }

    /// <summary>
    /// The given inputs that must be constants, such as weights. Arrays of other inputs are given again when the model runs.
    /// </summary>
    public HashSet<string> Constants { get; } = [];

    /// <summary>
    /// Numbers of stages whose rows must stay between layers, since a skip starts there: no activation or bias joins the layer below.
    /// </summary>
    public HashSet<int> KeptRows { get; } = [];

    /// <summary>The sizes that the file leaves open.</summary>
    public OnnxSizes Sizes => Limits.Sizes;

    /// <summary>The outputs of nodes that depend on the file's constants alone, which are the same in every pass.</summary>
    public Dictionary<OnnxNode, OnnxValue[]> Folded { get; } = [];

    /// <summary>Makes a refusal.</summary>
    /// <param name="problem">The place, what was found and what was expected, without a full stop.</param>
    public ModelFormatException Fail(string problem) => new(File, $"{Sizes.Shown(problem)}.");

    /// <summary>Reads a stored tensor.</summary>
    public OnnxValue Read(OnnxTensor tensor)
    {
        if (!_tensors.TryGetValue(tensor, out OnnxValue? value))
        {
            value = tensor.Read(Limits, Files);
            _tensors.Add(tensor, value);
        }

        return value;
    }

    /// <summary>Reads a given array as a constant.</summary>
    public OnnxValue ReadGiven(string input)
    {
        if (!_given.TryGetValue(input, out OnnxValue? value))
        {
            NpyArray array = Given[input];
            long[] shape = Array.ConvertAll(array.Shape.ToArray(), size => (long)size);
            value = OnnxValue.Constant(OnnxTypes.Of(array), shape, array.Data, input);
            _given.Add(input, value);
        }

        return value;
    }
}
