using System.Diagnostics;
using System.Globalization;
using System.Text;
using SpanRnn.Tasks;
using Xunit.Abstractions;

namespace SpanRnn.Tests;

/// <summary>
/// Figures on public data, one row of a table for each test. Choices are the defaults of the library and those that a test names; they were
/// made on validation data out of the training parts. A test part is read once for each seed.
/// </summary>
[Trait("Category", "Tasks")]
public class TaskFiguresTests(ITestOutputHelper output)
{
    private const int Seeds = 5;

    [CasesTheory]
    [InlineData("peptides_amp_modlamp.csv", 0.4109, 0.52)]
    [InlineData("peptides_hem_hemopi.csv", 0.3665, 0.40)]
    public void Last_amino_acid(string name, double trigram, double aim)
    {
        SequenceFile file = Load(name);
        int[] all = [.. Enumerable.Range(0, file.Records.Count)
            .Where(i => file.Records[i].Sequence.Length >= 4)
            .DistinctBy(i => file.Records[i].Sequence)];
        SequenceFile train = file.Part([.. all.Where((_, i) => i % 5 != 0)]);
        SequenceFile test = file.Part([.. all.Where((_, i) => i % 5 == 0)]);
        int[] rows = [.. Enumerable.Range(0, test.Records.Count)];
        SequenceFile far = test.Part([.. rows.Where(i => !train.Records.Any(known => AreClose(known.Sequence, test.Records[i].Sequence)))]);
        var task = SequenceTask.Of(train, TaskKind.Last);
        (double Test, double Far, double Seconds)[] runs = [.. Enumerable.Range(0, Seeds).Select(seed =>
        {
            long start = Stopwatch.GetTimestamp();
            using var training = new SequenceTraining(task, train, new SequenceTrainingOptions { Seed = (ulong)seed });
            SequenceModel model = training.Run();
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            return (Accuracy(model, test), Accuracy(model, far), seconds);
        })];
        double mean = runs.Average(run => run.Test);
        SequenceModel any = Untrained(task, train);
        var learned = new SequenceEvaluationOptions { Training = train };
        var baseline = SequenceEvaluation.Of(any, far, learned);
        BaselineFigure best = SequenceEvaluation.Of(any, test, learned).Baselines.MaxBy(figure => figure.Figure.Value);
        Row($"last amino acid, {name}, {test.Records.Count} of test: {Percent(mean)} in the mean of {Seeds} seeds "
            + $"({string.Join(", ", runs.Select(run => Percent(run.Test)))}); needed {Percent(trigram + 0.02)}, aim {Percent(aim)}, "
            + $"trigram {Percent(trigram)}, best {best.Name} {Percent(best.Figure.Value)}; "
            + $"{Number(runs.Max(run => run.Seconds))} s a seed");
        Row($"  without the {test.Records.Count - far.Records.Count} test peptides that share 80 % of their positions with a training one: "
            + $"{Percent(runs.Average(run => run.Far))}, trigram "
            + $"{Percent(baseline.Baselines.Single(figure => figure.Name == "3-gram").Figure.Value)}");
        Assert.True(mean >= trigram + 0.02);
    }

    [CasesFact]
    public void Splice_junctions()
    {
        SequenceFile file = Load("splice_mlbench_dna.csv");
        (double middle, double seconds, _, string best) = Folds(file, 1, new SequenceTrainingOptions { Readout = new StepLayer(29) });
        (double last, _, _, _) = Folds(file, 1, new SequenceTrainingOptions { Readout = new FinalStateLayer(), Bidirectional = false });
        Row($"splice junctions, 10 folds, read in the middle: {Percent(middle)}; needed 95 %, aim 96.5 %; {best}; {Number(seconds)} s");
        Row($"  read from the last state of one direction: {Percent(last)}: it has to carry what stood at the junction over 30 letters "
            + "that say nothing");
        Assert.True(middle >= 0.95);
    }

    [CasesFact]
    public void Promoters()
    {
        SequenceFile file = Load("promoters_uci.csv");
        var options = new SequenceTrainingOptions { Validation = 0 };
        (double accuracy, double seconds, double[] bySeed, string best) = Folds(file, Seeds, options);
        double errors = (1 - accuracy) * file.Records.Count;
        Row($"promoters, 10 folds, {Seeds} seeds: {Number(errors)} errors of {file.Records.Count} in the mean "
            + $"({string.Join(", ", bySeed.Select(share => Number((1 - share) * file.Records.Count)))}); needed 15, aim 10; "
            + $"{best}; {Number(seconds)} s");
        Assert.True(errors <= 15);
    }

    [CasesFact]
    public void Coding_or_not()
    {
        SequenceFile file = Load("ct_coding_vs_intergenic_150bp.csv");
        (double accuracy, double seconds, _, string best) = Folds(file, 1, new SequenceTrainingOptions());
        var task = SequenceTask.Of(file);
        int right = 0;
        foreach (Split split in Split.Folds([.. file.Records.Select(record => record.Label)], 10, 0))
        {
            right += CodonUsage(file, split, task);
        }

        Row($"coding or not, 10 folds: {Percent(accuracy)}; majority "
            + $"{Percent(file.Records.GroupBy(record => record.Label).Max(group => group.Count()) / (double)file.Records.Count)}, "
            + $"codon usage {Percent(right / (double)file.Records.Count)}, {best}; {Number(seconds)} s");

        // The windows are in frame, which a network of single letters has to find out and a table of codons is told.
        SequenceFile words = SequenceTrainingTests.Made([.. file.Records.Select(record => record with
        {
            Sequence = string.Join(' ', record.Sequence.Chunk(3).Select(codon => new string(codon))),
        })]);
        (double told, _, _, _) = Folds(
            words, 1, new SequenceTrainingOptions { Readout = new PoolLayer(Pooling.Mean) }, SequenceTask.Of(words, null, SymbolUnit.Word));
        Row($"  codons as words, --tokens word --readout mean: {Percent(told)}");
    }

    [Fact]
    public void Addition()
    {
        SequenceFile file = SequenceTrainingTests.Made(MadeSequences.Addition(50_000, 3, 1));
        var split = Split.Of(new string?[file.Records.Count], 0, 0.1, 1);
        SequenceFile train = file.Part(split.Train);
        long start = Stopwatch.GetTimestamp();
        using var training = new SequenceTraining(
            SequenceTask.Of(train), train, new SequenceTrainingOptions { Epochs = 30, Threads = Environment.ProcessorCount });
        SequenceModel model = training.Run();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Estimate exact = SequenceEvaluation.Of(
            model, file.Part(split.Test), new SequenceEvaluationOptions { Training = train, AnswerAfter = "=" }).ExactAnswers!.Value;
        Row($"addition of two numbers of 3 digits, 50,000 lines: {Percent(exact.Value)} of the answers exactly right; needed 99 %; "
            + $"{Number(seconds)} s");
        Assert.True(exact.Value >= 0.99);
    }

    [CasesFact]
    public void Characters()
    {
        string text = File.ReadAllText(Path.Combine(Cases.Folder!, "training", "data", "kjv_genesis_1_20.txt"));
        int cut = text.IndexOf('\n', text.Length * 9 / 10) + 1;
        var train = SequenceFile.Parse("train.txt", Encoding.UTF8.GetBytes(text[..cut]));
        var test = SequenceFile.Parse("test.txt", Encoding.UTF8.GetBytes(text[cut..]));
        long start = Stopwatch.GetTimestamp();
        using var training = new SequenceTraining(
            SequenceTask.Of(train), train, new SequenceTrainingOptions { Threads = Environment.ProcessorCount });
        SequenceModel model = training.Run();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var evaluation = SequenceEvaluation.Of(model, test, new SequenceEvaluationOptions { Training = train });
        double bits = evaluation.Main.Value;
        Row($"characters, Genesis 1 to 20: {Number(bits)} bits per character; needed 2.25, aim 2.12; "
            + string.Join(", ", evaluation.Baselines.Select(baseline => $"{baseline.Name} {Number(baseline.Figure.Value)}"))
            + $"; {Number(seconds)} s");
        Assert.True(bits <= 2.25);
    }

    // Mean accuracy over folds weighted by their rows, that of each seed, and the best baseline.
    private static (double Accuracy, double Seconds, double[] BySeed, string Best) Folds(
        SequenceFile file, int seeds, SequenceTrainingOptions options, SequenceTask? task = null)
    {
        long start = Stopwatch.GetTimestamp();
        IReadOnlyList<CrossValidationRun> runs = CrossValidation.Of(
            task ?? SequenceTask.Of(file), file, 10, seeds, options with { Threads = Environment.ProcessorCount });
        double[] bySeed = [.. runs.GroupBy(run => run.Seed).Select(group =>
            group.Sum(run => run.Evaluation.Main.Value * run.Evaluation.Sequences) / file.Records.Count)];
        (string name, double value) = runs
            .SelectMany(run => run.Evaluation.Baselines.Select(own => (own.Name, Right: own.Figure.Value * run.Evaluation.Sequences)))
            .GroupBy(own => own.Name)
            .Select(group => (group.Key, group.Sum(own => own.Right) / (seeds * file.Records.Count)))
            .MaxBy(own => own.Item2);
        return (bySeed.Average(), Stopwatch.GetElapsedTime(start).TotalSeconds, bySeed, $"best baseline {name} {Percent(value)}");
    }

    // Rows of the test that the likelier of two tables of codons gets right.
    private static int CodonUsage(SequenceFile file, Split split, SequenceTask task)
    {
        NGram[] models = [new NGram(64, 1), new NGram(64, 1)];
        int[] counts = new int[2];
        foreach (int row in split.Train)
        {
            int label = Label(row);
            models[label].Learn(Codons(row));
            counts[label]++;
        }

        return split.Test.Count(row =>
        {
            double[] scores = [.. models.Select((model, label) => Math.Log(counts[label]) + model.LogLikelihood(Codons(row)))];
            return (scores[1] > scores[0] ? 1 : 0) == Label(row);
        });

        int Label(int row) => file.Records[row].Label == task.Labels[1] ? 1 : 0;

        int[] Codons(int row)
        {
            int[] bases = Alphabet.Dna.Encode(file.Records[row].Sequence);
            return [.. Enumerable.Range(0, bases.Length / 3)
                .Select(i => (16 * bases[3 * i]) + (4 * bases[(3 * i) + 1]) + bases[(3 * i) + 2])];
        }
    }

    // Four of five positions of the shorter one are the same, counted from the start or from the end.
    private static bool AreClose(string a, string b)
    {
        int length = Math.Min(a.Length, b.Length);
        int longest = Math.Max(a.Length, b.Length);
        int fromStart = Enumerable.Range(0, length).Count(i => a[i] == b[i]);
        int fromEnd = Enumerable.Range(1, length).Count(i => a[^i] == b[^i]);
        return Math.Max(fromStart, fromEnd) >= 0.8 * longest;
    }

    private static SequenceModel Untrained(SequenceTask task, SequenceFile file)
    {
        using var training = new SequenceTraining(task, file, new SequenceTrainingOptions { HiddenSize = 1, Epochs = 1 });
        return training.Run();
    }

    private static double Accuracy(SequenceModel model, SequenceFile file) => SequenceEvaluation.Of(model, file).Main.Value;

    private static SequenceFile Load(string name) => SequenceFile.Load(Path.Combine(Cases.Folder!, "sequences", name));

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    private static string Number(double value) => value.ToString("0.0##", CultureInfo.InvariantCulture);

    private void Row(string text) => output.WriteLine(text);
}
