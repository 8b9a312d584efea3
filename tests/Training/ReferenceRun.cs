using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace SpanRnn.Tests;

/// <summary>A run of 200 training steps in PyTorch: one folder of the reference cases "training".</summary>
internal sealed class ReferenceRun
{
    private static readonly string[] _layerTensors = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"];

    private static readonly string[] _directions = [string.Empty, "_reverse"];

    private readonly string _folder;
    private readonly JsonElement _description;

    public ReferenceRun(string name)
    {
        _folder = Path.Combine(Cases.Folder!, "training", name);
        _description = JsonElement.Parse(File.ReadAllText(Path.Combine(_folder, "case.json")));
        JsonElement model = _description.GetProperty("model");
        CellKind cell = model.GetProperty("kind").GetString() switch
        {
            "rnn" => CellKind.Elman,
            "lstm" => CellKind.Lstm,
            "gru" => CellKind.GruResetAfter,
            var other => throw new InvalidOperationException($"{name}: the kind '{other}' is not known."),
        };
        IEnumerable<LayerSpec> recurrent = Enumerable.Repeat(
            new RecurrentLayer(cell, model.GetProperty("hidden_size").GetInt32())
            {
                Bidirectional = model.TryGetProperty("bidirectional", out JsonElement both) && both.GetBoolean(),
            },
            model.GetProperty("num_layers").GetInt32());
        if (model.TryGetProperty("vocab", out JsonElement vocabulary))
        {
            int symbols = vocabulary.GetInt32();
            LayerSpec[] layers = [.. recurrent, new DenseLayer(symbols)];
            Spec = model.GetProperty("embed") is { ValueKind: JsonValueKind.Number } size
                ? new NetworkSpec(new EmbeddingSpec(symbols, size.GetInt32()), layers)
                : new NetworkSpec(symbols, layers);
        }
        else
        {
            LayerSpec[] layers = [.. recurrent, new FinalStateLayer(), new DenseLayer(model.GetProperty("out").GetInt32())];
            Spec = new NetworkSpec(model.GetProperty("input_size").GetInt32(), layers);
        }

        string data = _description.GetProperty("data").GetString()!;
        Loss = data.Contains("adding", StringComparison.Ordinal) ? Loss.MeanSquaredError
            : data.Contains("dna", StringComparison.Ordinal) ? Loss.BinaryCrossEntropy
            : Loss.SoftmaxCrossEntropy;
    }

    /// <summary>Every folder with a case.</summary>
    public static string[] Names =>
    [
        .. Directory.GetFiles(Path.Combine(Cases.Folder!, "training"), "case.json", SearchOption.AllDirectories)
            .Select(file => Path.GetFileName(Path.GetDirectoryName(file)!)).Order(StringComparer.Ordinal),
    ];

    public NetworkSpec Spec { get; }

    public Loss Loss { get; }

    public int Steps => _description.GetProperty("steps").GetInt32();

    /// <summary>Number of steps that a run in single precision can be compared: rounding grows until it decides.</summary>
    public int SingleSteps => _description.GetProperty("usable_f32_steps").GetInt32();

    /// <summary>PyTorch's names of the tensors, in the order of Spec.Parameters.Slots.</summary>
    public string[] Tensors =>
    [
        .. Spec.Embedding is null ? Array.Empty<string>() : ["embed.weight"],
        .. Spec.Layers.ToArray().OfType<RecurrentLayer>().SelectMany((recurrent, layer) =>
            (recurrent.Bidirectional ? _directions : _directions[..1]).SelectMany(direction =>
                _layerTensors.Select(tensor => $"rnn.{tensor}_l{layer}{direction}"))),
        "head.weight",
        "head.bias",
    ];

    /// <summary>Distance of PyTorch's own weights in float and double after that many steps.</summary>
    public double WeightDrift(int steps) => _description.GetProperty("f32_vs_f64_weight_maxdiff")
        .GetProperty(steps.ToString(CultureInfo.InvariantCulture)).GetDouble();

    /// <summary>A column of losses.csv.</summary>
    public double[] Column(string name)
    {
        string[] lines = File.ReadAllLines(Path.Combine(_folder, "losses.csv"));
        int column = Array.IndexOf(lines[0].Split(','), name);
        return [.. lines.Skip(1).Select(line => double.Parse(line.Split(',')[column], CultureInfo.InvariantCulture))];
    }

    /// <summary>All tensors of a file of weights or gradients, one behind the other.</summary>
    public double[][] Read(string file)
    {
        var tensors = SafetensorsFile.Load(Path.Combine(_folder, file));
        Assert.Equal(Tensors.Order(), tensors.Tensors.Select(tensor => tensor.Name).Order());
        return
        [
            .. Tensors.Select(name =>
            {
                SafetensorsTensor tensor = tensors.Find(name)!;
                double[] values = new double[tensor.Length];
                tensor.CopyTo<double>(values);
                return values;
            }),
        ];
    }

    /// <summary>A trainer as the case describes it, with its initial weights.</summary>
    public Trainer<T> Trainer<T>(bool clips = true)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int length = Spec.Parameters.Length;
        Optimizer<T> optimizer = Optimizer<T>(_description.GetProperty("optimizer").GetString()!, length);
        var trainer = new Trainer<T>(Spec, optimizer, new TrainerOptions(Loss)
        {
            ClipNorm = clips ? _description.GetProperty("clip_grad_norm").GetDouble() : double.PositiveInfinity,
        });
        double[][] weights = Read("weights_init.safetensors");
        for (int i = 0; i < weights.Length; i++)
        {
            Array.ConvertAll(weights[i], T.CreateTruncating).CopyTo(Spec.Parameters.Slots[i].In(trainer.Parameters));
        }

        return trainer;
    }

    /// <summary>The data in the order of the file, in the batches that the case describes.</summary>
    public BatchReader<T> Reader<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Loss switch
        {
            Loss.MeanSquaredError => Adding<T>(),
            Loss.BinaryCrossEntropy => Dna<T>(),
            _ => Text<T>(),
        };

    // Every argument of PyTorch's must be known: one that is passed over would be another run.
    private Optimizer<T> Optimizer<T>(string name, int length)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var arguments = _description.GetProperty("optimizer_args").EnumerateObject()
            .ToDictionary(argument => argument.Name, argument => argument.Value.GetDouble());
        double Take(string argument, double missing = 0) => arguments.Remove(argument, out double value) ? value : missing;

        double rate = Take("lr");
        double decay = Take("weight_decay", name == "adamw" ? 0.01 : 0);
        Optimizer<T> optimizer = name switch
        {
            "adam" or "adamw" => new Adam<T>(length) { WeightDecay = decay, DecoupledWeightDecay = name == "adamw" },
            "sgd" => new Sgd<T>(length) { Momentum = Take("momentum"), WeightDecay = decay },
            "rmsprop" => new RmsProp<T>(length) { Momentum = Take("momentum"), WeightDecay = decay },
            _ => throw new InvalidOperationException($"{_folder}: the optimizer '{name}' is not known."),
        };
        optimizer.LearningRate = rate;
        return arguments.Count == 0
            ? optimizer
            : throw new InvalidOperationException($"{_folder}: the argument '{arguments.Keys.First()}' of {name} is not known.");
    }

    private static string Data(string name) => Path.Combine(Cases.Folder!, "training", "data", name);

    private BatchReader<T> Adding<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double[] x = NpyArray.Load(Data("adding_x.npy")).ToDoubles("T", "N", "size");
        double[] y = NpyArray.Load(Data("adding_y.npy")).ToDoubles("N");
        var layout = new SequenceLayout();
        layout.Set(50, 320);
        var data = new SequenceData<T>(Spec, Loss);
        data.AddBatch(layout, Array.ConvertAll(x, T.CreateTruncating), Array.ConvertAll(y, T.CreateTruncating));
        return new BatchReader<T>(data, 32);
    }

    private BatchReader<T> Dna<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var data = new SequenceData<T>(Spec, Loss);
        foreach (string line in File.ReadLines(Data("dna_3g.csv")).Skip(1))
        {
            string[] fields = line.Split(',');
            int[] symbols = [.. fields[0].Select(letter => "ACGT".IndexOf(letter))];
            data.Add(symbols, [T.CreateTruncating(double.Parse(fields[1], CultureInfo.InvariantCulture))]);
        }

        return new BatchReader<T>(data, 20);
    }

    private BatchReader<T> Text<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        const int Streams = 8;
        const int Length = 7978;
        const int Used = 7968;
        string vocabulary = string.Concat(JsonElement.Parse(File.ReadAllText(Data("kjv_vocab.json"))).EnumerateArray()
            .Select(letter => letter.GetString()));
        int[] ids = [.. File.ReadAllText(Data("kjv_genesis_1_20.txt")).Select(letter => vocabulary.IndexOf(letter))];
        var data = new SequenceData<T>(Spec, Loss);
        for (int stream = 0; stream < Streams; stream++)
        {
            ReadOnlySpan<int> text = ids.AsSpan(stream * Length, Length);
            data.Add(text[..Used], text.Slice(1, Used));
        }

        return new BatchReader<T>(data, Streams) { Chunk = 32 };
    }
}
