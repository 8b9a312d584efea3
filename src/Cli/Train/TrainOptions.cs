using System.CommandLine;
using System.CommandLine.Parsing;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Models;
using SpanRnn.Cli.Reports;
using SpanRnn.Cli.Sequences;

namespace SpanRnn.Cli.Train;

/// <summary>Options of train, each beside its setting, and the checks of options that belong together.</summary>
internal sealed class TrainOptions
{
    private static readonly TrainSettings _defaults = new();

    // Options of sequences alone.
    private static readonly string[] _ofSequences =
    [
        "--task", "--sequence", "--label", "--tokens", "--unknown", "--readout", "--at", "--validation", "--patience", "--folds", "--seeds",
        "--json", "--plot",
    ];

    // Options that a model to go on from tells.
    private static readonly string[] _ofModels =
    [
        "--task", "--tokens", "--unknown", "--readout", "--at", "--cell", "--hidden", "--layers", "--bidirectional", "--embedding",
    ];

    // Options that both have.
    private static readonly string[] _ofBoth =
    [
        "--from", "--cell", "--hidden", "--layers", "--bidirectional", "--embedding", "--optimizer", "--rate", "--momentum",
        "--weight-decay", "--schedule", "--warm-up", "--clip-norm", "--dropout", "--recurrent-dropout", "--epochs", "--batch", "--seed",
        "--threads", "--checkpoint", "--resume", "--output", "--report",
    ];

    // Null for arrays.
    private readonly Argument<string> _data = FileOption.CreateArgument(
        "DATA",
        "Sequences to train on: a table (.csv, .tsv), FASTA, or text with a sequence on each line; without it, --input and --target.");

    private readonly OptionTable<TrainSettings> _table;

    /// <summary>Adds the options to the command.</summary>
    public TrainOptions(Command command)
    {
        _data.Arity = ArgumentArity.ZeroOrOne;
        command.Add(_data);
        _table = new OptionTable<TrainSettings>(command);
        AddSequences();
        AddNetwork();
        AddData();
        AddOptimizer();
        AddSteps();
        AddFiles();
    }

    /// <summary>Reads the settings.</summary>
    /// <exception cref="WrongCommandLineException">Options contradict each other, or one is missing.</exception>
    public TrainSettings Read(ParseResult result)
    {
        HashSet<string> given =
        [
            .. result.CommandResult.Children.OfType<OptionResult>().Where(option => !option.Implicit).Select(option => option.Option.Name),
        ];
        TrainSettings settings = _table.Read(result) with { Data = result.GetValue(_data), Given = given };
        string? wrong = settings.Data is null ? Problem(settings, given) : SequenceProblem(settings, given);
        return wrong is { } problem
            ? throw new WrongCommandLineException($"{problem}.")
            : settings;
    }

    private void AddSequences()
    {
        TaskSettings.AddTo(_table, (s, change) => s with { Task = change(s.Task) });
        TaskSettings.AddReadoutTo(_table, (s, change) => s with { Task = change(s.Task) });
        _table.Add(
            Validation(),
            (s, value) => s with { Validation = value });
        _table.Add(
            NumberOption.Whole(
                "--patience", "Epochs in turn without a smaller validation loss that end the run.", 1, int.MaxValue),
            (s, value) => s with { Patience = (int)value });
        _table.Add(
            NumberOption.Whole("--folds", "Trains and tests by cross-validation with N folds, and writes no model.", 2, 100_000),
            (s, value) => s with { Folds = (int)value });
        _table.Add(
            NumberOption.Whole(
                "--seeds", "Trains with N seeds from --seed on, says mean and spread, and keeps the best model.", 1, 10_000),
            (s, value) => s with { Seeds = (int)value });
        _table.Add(
            new Option<bool>("--json") { Description = "Writes the result as one object of JSON." }, (s, value) => s with { Json = value });
        _table.Add(
            FileOption.Create(
                "--from",
                "The model to go on from: of train DATA with DATA, else of any format; then no other option describes a network."),
            (s, value) => s with { Model = value });
    }

    private void AddNetwork()
    {
        _table.Add(ModelOptions.Nonlinearity(), (s, value) => s with { Nonlinearity = value });
        _table.Add(
            FileOption.Create(
                "--network",
                "A new network of any layers, instead of --cell and its options: a file of JSON, or the text itself, such as "
                    + """{"input":2,"layers":[{"cell":"lstm","hidden":8},{"kind":"pool","by":"mean"}]}; the README of Formats has all """
                    + "kinds."),
            (s, value) => s with { Network = value });
        _table.Add(
            ChoiceOption.Create<CellKind?>(
                "--cell",
                "The cells of a new network; gru-before has its reset before the product.",
                ("elman", CellKind.Elman),
                ("gru", CellKind.GruResetAfter),
                ("gru-before", CellKind.GruResetBefore),
                ("lstm", CellKind.Lstm)),
            (s, value) => s with { Cell = value });
        _table.Add(
            NumberOption.Whole("--hidden", "Units of each layer of a new network.", 1, int.MaxValue),
            (s, value) => s with { Hidden = (int)value });
        _table.Add(
            NumberOption.Whole("--layers", $"Layers of a new network; {_defaults.Layers} is the default.", 1, 1000),
            (s, value) => s with { Layers = (int)value });
        _table.Add(
            new Option<bool>("--bidirectional") { Description = "The layers of a new network run in both directions." },
            (s, value) => s with { Bidirectional = value });
        _table.Add(
            NumberOption.Whole(
                "--remember",
                "The gates of a new lstm or gru start so that they remember up to about N steps; by default a few.",
                2,
                int.MaxValue),
            (s, value) => s with { Remember = (int)value });
        _table.Add(
            NumberOption.Whole(
                "--outputs", "Outputs of the head of a new network, one per label for softmax; no head by default.", 1, int.MaxValue),
            (s, value) => s with { Outputs = (int)value });
        _table.Add(
            ModelOptions.Head("What the head reads, of a new network or of that of --from", withAttention: true),
            (s, value) => s with { Head = value });
        _table.Add(
            NumberOption.Whole(
                "--symbols", "The number of symbols, if the input of a new network is symbols: whole numbers [T, B].", 1, int.MaxValue),
            (s, value) => s with { Symbols = (int)value });
        _table.Add(
            NumberOption.Whole("--embedding", "Numbers per symbol in the table of a new network; 0 for one-hot.", 0, int.MaxValue),
            (s, value) => s with { Embedding = (int)value });
    }

    private void AddData()
    {
        Option<NamedFiles> input = NamedFiles.CreateOption(
            "--input", "x, the input: float [T, B, I], or symbols, integers [T, B]; also lengths=FILE, integers [B].");
        input.Required = false;
        _table.Add(
            input, (s, value) => s with { Inputs = value.Resolve(["x", "lengths"], "x", needed: true) });
        Option<string?> target = FileOption.Create(
            "--target", "The target: integers [T, B] for softmax, else float [T, B, O]; without T for one output per sequence.");
        _table.Add(target, (s, value) => s with { Target = value! });
        Option<NamedFiles> weights = NamedFiles.CreateOption(
            "--weights",
            "How much labels or targets count, each 0 or more: float [T, B] for every step or [B] for every sequence; also "
                + "classes=FILE, float [O] for every label of softmax. A negative label does not count either.");
        weights.Required = false;
        _table.Add(
            weights, (s, value) => s with { Weights = value.Resolve(["outputs", "classes"], "outputs", needed: false) });
        _table.Add(
            new Option<bool>("--batch-first") { Description = "Input, target and weights are [B, T, ...] instead of [T, B, ...]." },
            (s, value) => s with { BatchFirst = value });
        Option<Loss> loss = ChoiceOption.Create(
            "--loss",
            "The loss, a mean: softmax cross-entropy of labels, binary cross-entropy on logits, or squared error.",
            ("softmax", Loss.SoftmaxCrossEntropy),
            ("bce", Loss.BinaryCrossEntropy),
            ("mse", Loss.MeanSquaredError));
        _table.Add(loss, (s, value) => s with { Loss = value });
    }

    private void AddOptimizer()
    {
        Option<OptimizerKind> optimizer = ChoiceOption.Create(
            "--optimizer",
            "The optimizer, as in PyTorch; adam is the default.",
            ("sgd", OptimizerKind.Sgd),
            ("rmsprop", OptimizerKind.RmsProp),
            ("adam", OptimizerKind.Adam),
            ("adamw", OptimizerKind.AdamW));

        // The spelling of earlier versions, which scripts have.
        optimizer.Aliases.Add("--optimiser");
        _table.Add(optimizer, (s, value) => s with { Optimizer = value });
        _table.Add(
            NotNegative("--rate", $"The learning rate; {_defaults.Rate} is the default.", "RATE"),
            (s, value) => s with { Rate = value });
        _table.Add(
            Fraction("--momentum", "The momentum of sgd and rmsprop; 0 is the default."),
            (s, value) => s with { Momentum = value });
        _table.Add(
            NotNegative(
                "--weight-decay",
                $"How strongly parameters are pulled towards 0; 0 is the default, {TrainSettings.DefaultAdamWDecay} for adamw.",
                "DECAY"),
            (s, value) => s with { WeightDecay = value });
        _table.Add(ScheduleOption.Create(), (s, value) => s with { ScheduleOf = value });
        _table.Add(
            NumberOption.Whole("--warm-up", "Steps in which the rate rises to its start.", 0),
            (s, value) => s with { WarmUp = value });
        _table.Add(
            Positive("--clip-norm", "The largest norm of all gradients together."),
            (s, value) => s with { ClipNorm = value });
        _table.Add(
            Positive("--clip-value", "The largest magnitude of a gradient."), (s, value) => s with { ClipValue = value });
        _table.Add(
            Fraction("--dropout", "The share of numbers dropped between layers."),
            (s, value) => s with { Dropout = value });
        _table.Add(
            Fraction("--recurrent-dropout", "The share of units dropped on the way to the next step."),
            (s, value) => s with { RecurrentDropout = value });
    }

    private void AddSteps()
    {
        _table.Add(
            NumberOption.Whole("--epochs", "Passes of the whole run through all sequences.", 1),
            (s, value) => s with { Epochs = value });
        _table.Add(
            NumberOption.Whole("--steps", "Steps of the whole run, unless --epochs ends it before.", 1),
            (s, value) => s with { Steps = value });
        _table.Add(
            NumberOption.Whole(
                "--batch",
                $"Sequences per step; all if there are fewer; {_defaults.Batch} is the default.",
                1,
                int.MaxValue),
            (s, value) => s with { Batch = (int)value });
        _table.Add(
            new Option<bool>("--shuffle") { Description = "Each epoch has an order of its own." },
            (s, value) => s with { Shuffle = value });
        _table.Add(
            NumberOption.Seed($"The seed of new networks, orders and dropout; {_defaults.Seed} is the default."),
            (s, value) => s with { Seed = value });
        _table.Add(
            NumberOption.Whole("--chunk", "Cuts sequences into chunks of N steps, whose states carry on.", 1, int.MaxValue),
            (s, value) => s with { Chunk = (int)value });
        _table.Add(
            NumberOption.Whole(
                "--horizon",
                "The steps that gradients go back through chunks: a multiple of --chunk, which is the default.",
                1,
                int.MaxValue),
            (s, value) => s with { Horizon = (int)value });
        _table.Add(
            NumberOption.Whole(
                "--threads", $"Threads; the result is the same to the bit. {_defaults.Threads} is the default.", 1, 1024),
            (s, value) => s with { Threads = (int)value });
        _table.Add(
            ChoiceOption.Create(
                "--precision",
                "The precision of training; single is the default and needs float32 arrays, double takes float64 as well.",
                ("single", Precision.Single),
                ("double", Precision.Double)),
            (s, value) => s with { Precision = value });
    }

    private void AddFiles()
    {
        _table.Add(
            FileOption.CreateOutput(
                "--checkpoint",
                "The checkpoint to resume the run from, a .safetensors written every so often, at the end, and at Ctrl-C.",
                ".safetensors"),
            (s, value) => s with { Checkpoint = value });
        _table.Add(
            NumberOption.Whole("--every", $"Steps from one checkpoint to the next; {_defaults.Every} is the default.", 1),
            (s, value) => s with { Every = value });
        _table.Add(
            new Option<bool>("--resume")
            {
                Description = "Resumes from the checkpoint, or starts if there is none yet. Input, network, loss, optimizer and batches "
                    + "are as they were; --steps, --epochs, --threads, --every, --report and the output files may change, with DATA only "
                    + "--threads and --patience.",
            },
            (s, value) => s with { Resume = value });
        _table.Add(Report(), (s, value) => s with { Report = value });
        _table.Add(ReportFiles.CreatePlot("the losses by epoch, or of the figures of --folds"), (s, value) => s with { Plot = value });
        _table.Add(
            FileOption.CreateOutput("--losses", "A CSV file with loss, gradient norm, clipped share and rate of every step.", ".csv"),
            (s, value) => s with { Losses = value });
        _table.Add(
            ModelNames.CreateOption(
                "--output",
                "The trained model at the end of the run: .safetensors with PyTorch's names, or .onnx. Without --checkpoint, Ctrl-C leaves "
                    + "the model so far there or, if the file exists, beside it as NAME.stopped.EXT."),
            (s, value) => s with { Output = value });
    }

    // Half a sentence about options that do not go together with DATA, or null.
    private static string? SequenceProblem(TrainSettings settings, HashSet<string> given)
    {
        foreach (string option in given)
        {
            if (!_ofSequences.Contains(option) && !_ofBoth.Contains(option))
            {
                return option is "--input" or "--target"
                    ? $"DATA and {option} are given, expected one of them; a model to go on from is --from MODEL"
                    : $"{option} is given with DATA, expected it only with arrays, --input and --target";
            }

            if (settings.Model is not null && _ofModels.Contains(option))
            {
                return $"{option} is given with --from, whose model has it, expected one of them";
            }
        }

        foreach ((string option, string other) in new[]
        {
            ("--folds", "--output"), ("--folds", "--checkpoint"), ("--seeds", "--checkpoint"),
        })
        {
            if (given.Contains(option) && given.Contains(other))
            {
                return $"{option} and {other} are given, expected one of them";
            }
        }

        if (given.Contains("--resume") && !given.Contains("--checkpoint"))
        {
            return "--checkpoint is missing, expected it with --resume";
        }

        if (settings.Report?.Steps is { } steps)
        {
            return $"--report is {steps} with DATA, expected a file that ends in .html: progress has a line for each epoch there";
        }

        return RateProblem(settings, given);
    }

    // Half a sentence about options that do not go together, or null.
    private static string? Problem(TrainSettings settings, HashSet<string> given)
    {
        foreach (string option in _ofSequences)
        {
            if (given.Contains(option))
            {
                return $"{option} is given without DATA, expected a file of sequences to train on";
            }
        }

        if (settings.Report?.File is { } page)
        {
            return $"--report is '{page}' without DATA, expected steps from one line of progress to the next: only sequences have a page";
        }

        foreach (string option in new[] { "--input", "--target", "--loss" })
        {
            if (!given.Contains(option))
            {
                return $"{option} is missing, expected it for arrays, or DATA for a file of sequences";
            }
        }

        bool isNew = settings.Cell is not null;
        string[] networks =
        [
            .. settings.Model is null ? [] : new[] { "--from" },
            .. settings.Network is null ? [] : new[] { "--network" },
            .. isNew ? new[] { "--cell" } : [],
        ];
        if (networks.Length != 1)
        {
            return networks.Length == 0
                ? "--from, --cell and --network are missing, expected one of them"
                : $"{string.Join(" and ", networks)} are given, expected one of them";
        }

        string[] ofCells = ["--hidden", "--layers", "--bidirectional", "--outputs", "--symbols", "--embedding"];
        string[] others = settings.Network is null ? ["--remember"] : ["--head", "--nonlinearity"];
        foreach (string option in ofCells.Concat(others))
        {
            if (!isNew && given.Contains(option))
            {
                return $"{option} is given with {networks[0]}, expected it only with --cell";
            }
        }

        if (settings is { Model: not null, Head.Readout: AttentionLayer })
        {
            return "--head is attention with --from, expected it only with --cell: a model has no weights for it";
        }

        foreach ((string option, string needed) in new[]
        {
            ("--cell", "--hidden"), ("--embedding", "--symbols"), ("--horizon", "--chunk"), ("--resume", "--checkpoint"),
        })
        {
            if (given.Contains(option) && !given.Contains(needed))
            {
                return $"{needed} is missing, expected it with {option}";
            }
        }

        foreach ((string one, string other) in new[] { ("--epochs", "--steps"), ("--output", "--checkpoint") })
        {
            if (!given.Contains(one) && !given.Contains(other))
            {
                return $"{one} and {other} are missing, expected one of them or both";
            }
        }

        if (settings.Loss != Loss.SoftmaxCrossEntropy && settings.Weights.ContainsKey("classes"))
        {
            return "--weights classes= is given, expected it only with labels, --loss softmax";
        }

        if (isNew && given.Contains("--head") && !given.Contains("--outputs"))
        {
            return "--outputs is missing, expected it with --head and --cell";
        }

        if (settings.Horizon > 0 && settings.Horizon % settings.Chunk != 0)
        {
            return $"--horizon is {settings.Horizon}, expected a multiple of {settings.Chunk}, the --chunk";
        }

        if (settings is { Remember: > 0, Cell: CellKind.Elman })
        {
            return "--remember is given, expected it only with gates, --cell lstm or gru";
        }

        if (settings.Nonlinearity is not null && settings.Cell is CellKind.Lstm or CellKind.GruResetAfter or CellKind.GruResetBefore)
        {
            return "--nonlinearity is given, expected it only with an RNN, --cell elman";
        }

        return RateProblem(settings, given);
    }

    private static string? RateProblem(TrainSettings settings, HashSet<string> given) =>
        given.Contains("--momentum") && settings.Optimizer is OptimizerKind.Adam or OptimizerKind.AdamW
            ? "--momentum is given, expected it only with --optimizer sgd or rmsprop"
            : settings.Schedule is null ? "--rate is below the minimum of --schedule, expected at least the minimum" : null;

    private static Option<ValidationChoice?> Validation() => new("--validation")
    {
        Description =
            "What decides when training ends: a share of the sequences, 0.1 is the default, or a file of them; with 0 all epochs run.",
        HelpName = "SHARE|FILE",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result =>
        {
            string given = result.Tokens[0].Value;
            double? share = NumberOption.Parse<double>(given);
            if (share is null && given.Length > 0)
            {
                return new ValidationChoice(null, given);
            }

            if (!(share < 1))
            {
                result.AddError($"--validation is '{given}', expected a share, 0 or more and below 1, or a file.");
            }

            return new ValidationChoice(share, null);
        },
    };

    private static Option<ReportChoice?> Report() => new("--report")
    {
        Description = "With DATA a page with figures and pictures, an .html that needs nothing outside itself. For arrays steps from one "
            + $"line of progress to the next, which shows means over them; 0 for none; {_defaults.ReportSteps} is the default.",
        HelpName = "FILE|N",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result =>
        {
            string given = result.Tokens[0].Value;
            if (NumberOption.Parse<long>(given) is { } steps)
            {
                return new ReportChoice(steps, null);
            }

            if (ReportFiles.ReportProblem(given) is not null)
            {
                result.AddError($"--report is '{given}', expected a name that ends in .html or, for arrays, a whole number, 0 or more.");
            }

            return new ReportChoice(null, given);
        },
    };

    private static Option<double> NotNegative(string name, string description, string placeholder) => NumberOption.Create<double>(
        name, description, placeholder, "a number, 0 or more", double.IsFinite);

    // Above 0 in float too.
    private static Option<double> Positive(string name, string description) => NumberOption.Create<double>(
        name, description, "MAX", "a number, 1e-30 or more", value => value >= 1e-30 && double.IsFinite(value));

    private static Option<double> Fraction(string name, string description) => NumberOption.Create<double>(
        name, description, "SHARE", "a number, 0 or more and below 1", value => value is >= 0 and < 1);
}
