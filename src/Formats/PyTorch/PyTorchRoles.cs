using SpanRnn.Formats.Model;

namespace SpanRnn.Formats.PyTorch;

/// <summary>
/// Roles of the modules beside the recurrent ones: a table in front or a head behind. The bias tells first, since a table has none; then
/// the shape; then the name, where a matrix fits in several places. A dense layer in front is refused: what is computed behind it is not in
/// the file.
/// </summary>
internal sealed class PyTorchRoles
{
    /// <summary>End of the name of a tensor that every batch normalization has.</summary>
    public const string RunningMean = ".running_mean";

    // The remedy in messages.
    private const string Entry = $"a metadata entry '{PyTorchOptions.MetadataName}' with the network and its modules";
    private const string Weight = ".weight";
    private const string Bias = ".bias";

    // Beginnings of words in names.
    private static readonly string[] _tables = ["emb", "enc", "lookup", "table", "word", "char", "tok", "vocab", "wte"];
    private static readonly string[] _fronts = ["emb", "enc", "input", "pre", "front", "first", "stem", "feat", "adapt", "bottom"];
    private static readonly string[] _heads = ["out", "dec", "head", "pred", "class", "logit", "final", "last", "readout", "top", "post"];

    // Whole words.
    private static readonly string[] _inputs = ["in", "linin", "fcin", "inlin", "inlinear", "infc", "inlayer", "inproj"];

    private readonly string _file;
    private readonly int _inputSize;
    private readonly int _outputSize;
    private readonly string _prefix;
    private readonly List<Dense> _modules = [];

    /// <summary>Finds the roles.</summary>
    /// <param name="file">The file as messages call it.</param>
    /// <param name="tensors">All tensors that belong to no recurrent module.</param>
    /// <param name="prefix">The names of the recurrent tensors begin so.</param>
    /// <param name="inputSize">The inputs of the first recurrent layer.</param>
    /// <param name="outputSize">The outputs of the last one.</param>
    public PyTorchRoles(string file, IReadOnlyList<ParameterSource> tensors, string prefix, int inputSize, int outputSize)
    {
        (_file, _prefix, _inputSize, _outputSize) = (file, prefix, inputSize, outputSize);
        var byName = tensors.ToDictionary(tensor => tensor.Name);
        foreach (ParameterSource tensor in tensors)
        {
            if (tensor.Name.EndsWith(Weight, StringComparison.Ordinal))
            {
                string name = tensor.Name[..^Weight.Length];
                _modules.Add(new(name, tensor, byName.GetValueOrDefault(name + Bias)));
            }
        }

        ParameterSource? other = tensors.FirstOrDefault(tensor => !_modules.Exists(module => module.Has(tensor)));
        if (other is not null && other.Name.EndsWith(RunningMean, StringComparison.Ordinal))
        {
            string module = PyTorchOptions.BatchNorm(other.Name[..^RunningMean.Length]);
            throw Fail(
                $"tensor {ModelFormatException.Quote(other.Name)} belongs to a batch normalization, whose place is not in the file, "
                + $"expected {Entry}: this one is an affine layer and the module {module}.");
        }

        if (other is not null)
        {
            throw Fail(
                $"tensor {ModelFormatException.Quote(other.Name)} is not part of the network, expected one recurrent module, at most one "
                + "embedding in front of it, 'NAME.weight', and at most one dense head, 'NAME.weight' with 'NAME.bias'.");
        }

        if (_modules.Find(module => module.Weights.Shape.Length == 1) is { } vector)
        {
            throw Fail(
                $"tensor {ModelFormatException.Quote(vector.Weights.Name)} has shape {TensorShape.Text(vector.Weights.Shape)} as a "
                + $"normalization or a PReLU has, whose place is not in the file, expected {Entry}.");
        }

        Sort();
    }

    /// <summary>The table of an embedding in front; null if there is none.</summary>
    public ParameterSource? Table { get; private set; }

    /// <summary>The weights of the head; null if there is none.</summary>
    public ParameterSource? Head { get; private set; }

    /// <summary>The bias of the head; null if it has none.</summary>
    public ParameterSource? HeadBias { get; private set; }

    private ModelFormatException Fail(string problem) => new(_file, problem);

    private void Sort()
    {
        List<Dense> tables = _modules.FindAll(IsTable);
        List<Dense> heads = _modules.FindAll(module => !tables.Contains(module));
        bool isClear = tables.Count <= 1 && heads.Count <= 1
            && !tables.Exists(module => Fits(module, atFront: true) && !Speaks(module, _tables))
            && !heads.Exists(IsFront);
        if (!isClear)
        {
            string all = string.Join(
                ", ",
                _modules.Select(module => $"{ModelFormatException.Quote(module.Name)} {TensorShape.Text(module.Weights.Shape)}"));
            throw Fail(
                $"the place of {all} is not clear beside a recurrent module of {_inputSize} inputs and {_outputSize} outputs, expected at "
                + $"most one embedding in front and one dense head behind, or {Entry}.");
        }

        Table = tables.Count > 0 ? tables[0].Weights : null;
        (Head, HeadBias) = heads.Count > 0 ? (heads[0].Weights, heads[0].Bias) : default;
    }

    // A matrix that fits behind too is a table if its name says so, or if the module with the bias is the head.
    private bool IsTable(Dense module) => module.Bias is null && module.Weights.Shape is [> 0, var columns] && columns == _inputSize
        && (!Fits(module, atFront: false)
            || (!Speaks(module, _heads)
                && (Speaks(module, _tables) || SpeaksOfFront(module)
                    || _modules.Exists(other => other.Bias is not null && Fits(other, atFront: false)))));

    // A dense layer in front is one that fits nowhere else, or fits behind too and has a name that speaks of the front. A projection is in
    // front unless another word says that it is behind.
    private bool IsFront(Dense module) => Fits(module, atFront: true)
        && (!Fits(module, atFront: false) || SpeaksOfFront(module) || (Speaks(module, ["proj"]) && !Speaks(module, _heads)));

    private bool Fits(Dense module, bool atFront) => module.Weights.Shape is [var rows, var columns]
        && (atFront ? rows == _inputSize : columns == _outputSize);

    private bool SpeaksOfFront(Dense module) =>
        Words(module).Exists(word => !Begins(word, _heads) && (Begins(word, _fronts) || _inputs.Contains(word)));

    private bool Speaks(Dense module, string[] beginnings) => Words(module).Exists(word => Begins(word, beginnings));

    private static bool Begins(string word, string[] beginnings) =>
        Array.Exists(beginnings, beginning => word.StartsWith(beginning, StringComparison.Ordinal));

    /// <summary>Splits the name into words in lower case, without the modules that hold the recurrent one too.</summary>
    private List<string> Words(Dense module)
    {
        int start = 0;
        for (int i = 0; i < Math.Min(module.Name.Length, _prefix.Length) && module.Name[i] == _prefix[i]; i++)
        {
            start = module.Name[i] == '.' ? i + 1 : start;
        }

        List<string> words = [];
        string word = string.Empty;
        for (int i = start; i <= module.Name.Length; i++)
        {
            bool isLetter = i < module.Name.Length && char.IsLetter(module.Name[i]);
            bool begins = isLetter && char.IsUpper(module.Name[i]) && i > start && char.IsLower(module.Name[i - 1]);
            if ((!isLetter || begins) && word.Length > 0)
            {
                words.Add(word);
                word = string.Empty;
            }

            word += isLetter ? char.ToLowerInvariant(module.Name[i]) : string.Empty;
        }

        return words;
    }

    private sealed record Dense(string Name, ParameterSource Weights, ParameterSource? Bias)
    {
        public bool Has(ParameterSource tensor) => tensor == Weights || tensor == Bias;
    }
}
