using SpanRnn.Cli.Output;
using SpanRnn.Formats.Files;
using SpanRnn.Tasks;

namespace SpanRnn.Cli.Sequences;

/// <summary>Sentence about what a training on sequences chose.</summary>
internal static class ChoicesText
{
    private const int MostShown = 30;

    /// <summary>Says the task, the network and the training, each on a line.</summary>
    public static string Of(SequenceTraining training)
    {
        SequenceTrainingOptions options = training.Options;
        string validation = training.Validation is { } held
            ? $"{Amount.Of(held.Records.Count)} to validate with, patience {options.Patience}"
            : "none to validate with";
        return $"{TaskAndNetwork(training)}\n"
            + $"training: {Amount.Of(training.Training.Records.Count, "sequence")}, {validation}; at most "
            + $"{Amount.Of(options.Epochs!.Value, "epoch")} of {Amount.Of(training.StepsPerEpoch, "step")}, batch {options.BatchSize}, "
            + $"rate {Display.Number(options.LearningRate!.Value)}, dropout {Display.Number(options.Dropout!.Value)}, seed {options.Seed}";
    }

    /// <summary>Says the task and the network, each on a line.</summary>
    public static string TaskAndNetwork(SequenceTraining training)
    {
        SequenceTask task = training.Task;
        string what = task.Kind switch
        {
            TaskKind.Classify => $"classify into {Amount.Of(task.Labels.Count)} classes",
            TaskKind.Last => "predict the last symbol",
            TaskKind.Next => task.IsRunningText ? "predict the next symbol of a running text" : "predict the next symbol of each sequence",
            TaskKind.Tag => $"label each symbol with one of {Amount.Of(task.Labels.Count)}",
            _ => "predict a number",
        };
        string input = task.Alphabet is not { } alphabet
            ? "numbers"
            : Amount.Of(alphabet.Symbols.Count)
                + (alphabet.Unit == SymbolUnit.Word ? " words" : $" characters{Shown(alphabet)}")
                + (alphabet.HasUnknown ? " and an unknown one" : string.Empty);
        return $"task: {what}; {input}\nnetwork: {Layers(training)}, {Amount.Of(training.Spec.Parameters.Count, "parameter")}";
    }

    private static string Shown(Alphabet alphabet) =>
        alphabet.Symbols.Count > MostShown ? string.Empty : $" ({Display.Printable(string.Concat(alphabet.Symbols))})";

    private static string Layers(SequenceTraining training)
    {
        NetworkSpec spec = training.Spec;
        List<string> parts = [spec.Embedding is { } table ? $"table of {table.Size} numbers per symbol" : training.Task.Alphabet is null
            ? $"{Amount.Of(spec.InputSize, "number")} per step"
            : "one-hot symbols"];
        foreach (LayerSpec layer in spec.Layers)
        {
            parts.Add(layer switch
            {
                RecurrentLayer recurrent => $"{CellNames.Of(recurrent.Cell)} of {recurrent.HiddenSize}{(recurrent.Bidirectional
                    ? " in both directions"
                    : string.Empty)}",
                FinalStateLayer => "last state",
                PoolLayer { Kind: Pooling.Mean } => "mean",
                PoolLayer { Kind: Pooling.Maximum } => "maximum",
                StepLayer step => $"symbol {step.Step + 1}",
                AttentionLayer => "attention",
                DenseLayer dense => $"dense {dense.OutputSize}",
                _ => layer.GetType().Name,
            });
        }

        return string.Join(", ", parts);
    }
}
