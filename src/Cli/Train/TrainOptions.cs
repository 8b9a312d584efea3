using System.CommandLine;
using SpanRnn.Cells;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Models;
using SpanRnn.Core;

namespace SpanRnn.Cli.Train;

/// <summary>The options of train, and what they say together.</summary>
internal sealed class TrainOptions
{
    /// <summary>Sequences per step where nothing else is said and there are as many.</summary>
    public const int DefaultBatch = 32;

    // That of PyTorch's AdamW; its other optimisers have none.
    private const double DefaultAdamWDecay = 0.01;
    private const long DefaultEvery = 1000;
    private const long DefaultReport = 100;
    private const double DefaultRate = 1e-3;

    private readonly Argument<string?> _model = new("MODEL")
    {
        Description = "The model to start from, of any format; without it --cell and --hidden describe one.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<Activation?> _nonlinearity = ModelOptions.Nonlinearity();

    private readonly Option<CellKind?> _cell = ChoiceOption.Create<CellKind?>(
        "--cell",
        "The cells of a new network.",
        ("elman", CellKind.Elman),
        ("gru", CellKind.GruResetAfter),
        ("lstm", CellKind.Lstm));

    private readonly Option<long?> _hidden = NumberOption.Whole("--hidden", "Units of each layer of a new network.", 1, int.MaxValue);

    private readonly Option<long?> _layers = NumberOption.Whole("--layers", "Layers of a new network; 1 is the default.", 1, 1000);

    private readonly Option<bool> _bidirectional = new("--bidirectional")
    {
        Description = "The layers of a new network run in both directions.",
    };

    private readonly Option<long?> _outputs = NumberOption.Whole(
        "--outputs", "Numbers that the head of a new network gives, one per label for softmax; no head where not given.", 1, int.MaxValue);

    private readonly Option<HeadPosition?> _head = ChoiceOption.Create<HeadPosition?>(
        "--head",
        "Where the head stands; every_step is the default for a new network and for a model whose file does not tell.",
        ("every_step", HeadPosition.EveryStep),
        ("last_step", HeadPosition.LastStep));

    private readonly Option<long?> _symbols = NumberOption.Whole(
        "--symbols", "How many symbols there are, where the input of a new network is symbols: whole numbers [T, B].", 1, int.MaxValue);

    private readonly Option<long?> _embedding = NumberOption.Whole(
        "--embedding", "Numbers per symbol in the table of a new network; one-hot where not given.", 1, int.MaxValue);

    private readonly Option<NamedFiles> _input = NamedFiles.Option(
        "--input",
        "x, the input: float [T, B, I], or integers [T, B] that are symbols; also lengths=FILE, integers [B].");

    private readonly Option<string> _target = new("--target")
    {
        Description = "What is to be learnt: for softmax integers [T, B], else float [T, B, O]; without T for a head on the last step.",
        HelpName = "FILE",
        Required = true,
    };

    private readonly Option<bool> _batchFirst = new("--batch-first")
    {
        Description = "Input and target are [B, T, ...] instead of [T, B, ...].",
    };

    private readonly Option<Loss?> _loss = ChoiceOption.Create<Loss?>(
        "--loss",
        "The loss, a mean: softmax cross-entropy of labels, binary cross-entropy on logits, or squared error.",
        ("softmax", Loss.SoftmaxCrossEntropy),
        ("bce", Loss.BinaryCrossEntropy),
        ("mse", Loss.MeanSquaredError));

    private readonly Option<OptimizerKind> _optimiser = ChoiceOption.Create(
        "--optimiser",
        "What moves the parameters, each as in PyTorch; adam is the default.",
        ("sgd", OptimizerKind.Sgd),
        ("rmsprop", OptimizerKind.RmsProp),
        ("adam", OptimizerKind.Adam),
        ("adamw", OptimizerKind.AdamW));

    private readonly Option<double?> _rate = NotNegative("--rate", $"The learning rate; {DefaultRate} is the default.", "RATE");

    private readonly Option<double?> _momentum = Fraction("--momentum", "The momentum of sgd and rmsprop; 0 is the default.");

    private readonly Option<double?> _weightDecay = NotNegative(
        "--weight-decay",
        $"How strongly parameters are pulled towards 0; 0 is the default, {DefaultAdamWDecay} for adamw.",
        "DECAY");

    private readonly Option<Func<double, LearningRateSchedule?>?> _schedule = Schedule();

    private readonly Option<long?> _warmUp = NumberOption.Whole("--warm-up", "Steps in which the rate climbs to its start.", 0);

    private readonly Option<double?> _clipNorm = Positive("--clip-norm", "The largest norm of all gradients together.");

    private readonly Option<double?> _clipValue = Positive("--clip-value", "The largest magnitude of a gradient.");

    private readonly Option<double?> _dropout = Fraction("--dropout", "The share of numbers dropped between layers.");

    private readonly Option<double?> _recurrentDropout = Fraction(
        "--recurrent-dropout", "The share of units dropped on the way to the next step.");

    private readonly Option<long?> _epochs = NumberOption.Whole("--epochs", "How often the whole run goes through all sequences.", 1);

    private readonly Option<long?> _steps = NumberOption.Whole(
        "--steps", "How many steps the whole run has, if --epochs does not end it before.", 1);

    private readonly Option<long?> _batch = NumberOption.Whole(
        "--batch", $"Sequences per step; {DefaultBatch} is the default, or all where there are fewer.", 1, int.MaxValue);

    private readonly Option<bool> _shuffle = new("--shuffle") { Description = "Each epoch has an order of its own." };

    private readonly Option<ulong?> _seed = NumberOption.Create<ulong>(
        "--seed", "Where new networks, orders and dropout come from; 0 is the default.", "N", "a whole number, 0 or more", _ => true);

    private readonly Option<long?> _chunk = NumberOption.Whole(
        "--chunk", "Cuts sequences into chunks of N steps, whose states carry on.", 1, int.MaxValue);

    private readonly Option<long?> _horizon = NumberOption.Whole(
        "--horizon", "Steps that gradients go back where there are chunks: a multiple of --chunk, which is the default.", 1, int.MaxValue);

    private readonly Option<long?> _threads = NumberOption.Whole(
        "--threads", "Threads; the result is the same to the bit. 1 is the default.", 1, 1024);

    private readonly Option<Precision?> _precision = ChoiceOption.Create<Precision?>(
        "--precision",
        "In which precision to train; single is the default and wants float32 arrays, double takes float64 as well.",
        ("single", Precision.Single),
        ("double", Precision.Double));

    private readonly Option<string?> _checkpoint = File(
        "--checkpoint", "The whole run, to go on from: written every so often, at the end, and at Ctrl-C.");

    private readonly Option<long?> _every = NumberOption.Whole(
        "--every", $"Steps from one checkpoint to the next; {DefaultEvery} is the default.", 1);

    private readonly Option<bool> _resume = new("--resume")
    {
        Description = "Goes on from the checkpoint, or starts where there is none yet. Input, network, loss, optimiser and batches are as "
            + "they were; --steps, --epochs, --threads, --every, --report and the output files may change.",
    };

    private readonly Option<long?> _report = NumberOption.Whole(
        "--report",
        $"Steps from one line of progress to the next, means of the steps between; 0 for none; {DefaultReport} is the default.",
        0);

    private readonly Option<string?> _losses = File(
        "--losses", "A CSV file with loss, gradient norm, clipped share and rate of every step.");

    private readonly Option<string?> _output = File(
        "--output", "The trained model, a safetensors file with PyTorch's names, at the end of the run.");

    /// <summary>Adds all of them to the command.</summary>
    public TrainOptions(Command command)
    {
        _model.Validators.Add(result => ModelOptions.ExpectName(result, "MODEL"));
        _target.Validators.Add(result => ModelOptions.ExpectName(result, "--target"));
        _loss.Required = true;
        command.Add(_model);
        foreach (Option option in new Option[]
        {
            _nonlinearity, _cell, _hidden, _layers, _bidirectional, _outputs, _head, _symbols, _embedding, _input, _target, _batchFirst,
            _loss, _optimiser, _rate, _momentum, _weightDecay, _schedule, _warmUp, _clipNorm, _clipValue, _dropout, _recurrentDropout,
            _epochs, _steps, _batch, _shuffle, _seed, _chunk, _horizon, _threads, _precision, _checkpoint, _every, _resume, _report,
            _losses, _output,
        })
        {
            command.Add(option);
        }
    }

    /// <summary>Whether to train in double.</summary>
    public bool IsDouble(ParseResult result) => result.GetValue(_precision) == Precision.Double;

    /// <summary>What does not go together, as half a sentence; null where all does.</summary>
    public string? Problem(ParseResult result)
    {
        bool hasModel = result.GetValue(_model) is not null;
        bool isNew = result.GetValue(_cell) is not null;
        if (hasModel == isNew)
        {
            return $"MODEL and --cell are both {(isNew ? "given" : "missing")}, expected one of them";
        }

        foreach (Option option in new Option[] { _hidden, _layers, _bidirectional, _outputs, _symbols, _embedding })
        {
            if (hasModel && IsGiven(option))
            {
                return $"{option.Name} is given with MODEL, expected it with --cell alone";
            }
        }

        foreach ((Option option, Option needed) in new (Option, Option)[]
        {
            (_cell, _hidden), (_embedding, _symbols), (_horizon, _chunk), (_resume, _checkpoint),
        })
        {
            if (IsGiven(option) && !IsGiven(needed))
            {
                return $"{needed.Name} is missing, expected it with {option.Name}";
            }
        }

        foreach ((Option one, Option other) in new (Option, Option)[] { (_epochs, _steps), (_output, _checkpoint) })
        {
            if (!IsGiven(one) && !IsGiven(other))
            {
                return $"{one.Name} and {other.Name} are missing, expected one of them or both";
            }
        }

        if (isNew && IsGiven(_head) && !IsGiven(_outputs))
        {
            return "--outputs is missing, expected it with --head and --cell";
        }

        if (result.GetValue(_horizon) is { } horizon && horizon % result.GetValue(_chunk)!.Value != 0)
        {
            return $"--horizon is {horizon}, expected a multiple of {result.GetValue(_chunk)}, the --chunk";
        }

        if (IsGiven(_nonlinearity) && result.GetValue(_cell) is CellKind.Lstm or CellKind.GruResetAfter)
        {
            return "--nonlinearity is given, expected it with an RNN, --cell elman";
        }

        return IsGiven(_momentum) && result.GetValue(_optimiser) is OptimizerKind.Adam or OptimizerKind.AdamW
            ? "--momentum is given, expected it with --optimiser sgd or rmsprop"
            : Rates(result) is null ? "--rate is below the minimum of --schedule, expected at least that" : null;

        bool IsGiven(Option option) => result.GetResult(option) is { Implicit: false };
    }

    /// <summary>The settings, where there is no problem.</summary>
    public TrainSettings Settings(ParseResult result) => new()
    {
        Model = result.GetValue(_model),
        Nonlinearity = result.GetValue(_nonlinearity),
        Layer = result.GetValue(_cell) is { } cell ? Layer(result, cell) : null,
        Layers = (int)(result.GetValue(_layers) ?? 1),
        Outputs = (int)(result.GetValue(_outputs) ?? 0),
        Head = result.GetValue(_head),
        Symbols = (int)(result.GetValue(_symbols) ?? 0),
        Embedding = (int)(result.GetValue(_embedding) ?? 0),
        Inputs = result.GetRequiredValue(_input).Resolve(["x", "lengths"], "x", needed: true),
        Target = result.GetRequiredValue(_target),
        BatchFirst = result.GetValue(_batchFirst),
        Loss = result.GetValue(_loss)!.Value,
        Optimiser = result.GetValue(_optimiser),
        Momentum = result.GetValue(_momentum) ?? 0,
        WeightDecay = result.GetValue(_weightDecay) ?? (result.GetValue(_optimiser) == OptimizerKind.AdamW ? DefaultAdamWDecay : 0),
        Schedule = Rates(result)!.WithWarmUp(result.GetValue(_warmUp) ?? 0),
        ClipNorm = result.GetValue(_clipNorm) ?? double.PositiveInfinity,
        ClipValue = result.GetValue(_clipValue) ?? double.PositiveInfinity,
        Dropout = result.GetValue(_dropout) ?? 0,
        RecurrentDropout = result.GetValue(_recurrentDropout) ?? 0,
        Epochs = result.GetValue(_epochs) ?? long.MaxValue,
        Steps = result.GetValue(_steps) ?? long.MaxValue,
        Batch = (int?)result.GetValue(_batch),
        Shuffle = result.GetValue(_shuffle),
        Seed = result.GetValue(_seed) ?? 0,
        Chunk = (int)(result.GetValue(_chunk) ?? 0),
        Horizon = (int)(result.GetValue(_horizon) ?? 0),
        Threads = (int)(result.GetValue(_threads) ?? 1),
        Checkpoint = result.GetValue(_checkpoint),
        Every = result.GetValue(_every) ?? DefaultEvery,
        Resume = result.GetValue(_resume),
        Report = result.GetValue(_report) ?? DefaultReport,
        Losses = result.GetValue(_losses),
        Output = result.GetValue(_output),
    };

    private LayerSpec Layer(ParseResult result, CellKind cell)
    {
        var layer = new LayerSpec(cell, (int)result.GetValue(_hidden)!.Value) { Bidirectional = result.GetValue(_bidirectional) };
        return result.GetValue(_nonlinearity) is { } activation ? layer with { Activation = activation } : layer;
    }

    // Null where the rate is below the minimum of the schedule.
    private LearningRateSchedule? Rates(ParseResult result)
    {
        double rate = result.GetValue(_rate) ?? DefaultRate;
        return result.GetValue(_schedule) is { } schedule ? schedule(rate) : LearningRateSchedule.Constant(rate);
    }

    private static Option<double?> NotNegative(string name, string description, string help) => NumberOption.Create<double>(
        name, description, help, "a number, 0 or more", double.IsFinite);

    private static Option<double?> Positive(string name, string description) => NumberOption.Create<double>(
        name, description, "MAX", "a number above 0", value => value > 0 && double.IsFinite(value));

    private static Option<double?> Fraction(string name, string description) => NumberOption.Create<double>(
        name, description, "SHARE", "a number, 0 or more and below 1", value => value is >= 0 and < 1);

    private static Option<string?> File(string name, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = "FILE" };
        option.Validators.Add(result => ModelOptions.ExpectName(result, name));
        return option;
    }

    /// <summary>A schedule for a rate that another option gives; null where the rate is below its minimum.</summary>
    private static Option<Func<double, LearningRateSchedule?>?> Schedule() => new("--schedule")
    {
        Description = "How the rate changes: constant, the default; step:N:FACTOR, every N steps times FACTOR; or cosine:N and "
            + "cosine:N:MINIMUM, down to the minimum over N steps.",
        HelpName = "constant|step:N:FACTOR|cosine:N",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result =>
        {
            string given = result.Tokens[0].Value;
            string[] parts = given.Split(':');
            long? steps = parts.Length > 1 ? NumberOption.Parse<long>(parts[1]) : null;
            double? number = parts.Length > 2 ? NumberOption.Parse<double>(parts[2]) : 0;
            switch (parts[0], parts.Length)
            {
                case ("constant", 1):
                    return LearningRateSchedule.Constant;
                case ("step", 3) when steps > 0 && number is >= 0 and <= 1:
                    return rate => LearningRateSchedule.Step(rate, steps.Value, number.Value);
                case ("cosine", 2 or 3) when steps > 0 && number is { } minimum && double.IsFinite(minimum):
                    return rate => rate >= minimum ? LearningRateSchedule.Cosine(rate, steps.Value, minimum) : null;
                default:
                    result.AddError(
                        $"--schedule is '{given}', "
                        + "expected constant, step:N:FACTOR with a factor from 0 to 1, cosine:N or cosine:N:MINIMUM.");
                    return null;
            }
        },
    };
}
