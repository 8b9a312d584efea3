using SpanRnn.Cli.CommandLine;
using SpanRnn.Cli.Models;
using SpanRnn.Cli.Output;
using SpanRnn.Formats.Files;
using SpanRnn.Formats.PyTorch;

namespace SpanRnn.Cli.Demo;

/// <summary>One run of the demo: three networks learn a task and are compared; the best is written, read and streamed.</summary>
internal static class DemoRun
{
    private const int ShortestTested = 5;
    private const int LongestTested = 40;

    /// <summary>Runs the demo.</summary>
    /// <param name="settings">The sizes.</param>
    /// <param name="sequence">The string to stream, of A, C, G and T.</param>
    /// <param name="path">The file for the best network; null for none.</param>
    /// <param name="terminal">For results and progress.</param>
    /// <returns>The exit code.</returns>
    public static int Run(DemoSettings settings, string sequence, string? path, Terminal terminal)
    {
        if (path is not null)
        {
            OutputFiles.ExpectWritable(path);
        }

        terminal.Output.WriteLine(
            "Does a DNA string hold at least three G? "
            + $"Three networks of {Amount.Of(settings.HiddenSize, "unit")} read it one character at a time.");
        string[] tests = DrawTest(settings);
        HashSet<string> unseen = [.. tests];
        using var elman = new DemoNetwork("Elman RNN", CellKind.Elman, settings);
        using var lstm = new DemoNetwork("LSTM", CellKind.Lstm, settings);
        using var gru = new DemoNetwork("GRU", CellKind.GruResetAfter, settings);
        DemoNetwork[] networks = [elman, lstm, gru];
        foreach (DemoNetwork network in networks)
        {
            terminal.WithProgress(network.Name, report => network.Train(settings, unseen, report));
        }

        (DemoNetwork best, string reason) = Compare(networks, tests, settings, terminal);
        WritePrecisions(networks, tests, terminal);
        byte[] file = path is null
            ? PyTorchWriter.ToBytes(best.Spec, best.Parameters)
            : ModelNames.ToBytes(best.Name, best.Spec, best.Parameters, path);
        if (path is not null)
        {
            AtomicFiles.Write(path, file);
        }

        string where = path is null ? "Written as safetensors in memory" : $"Saved as {Path.GetFullPath(path)}";
        terminal.Output.WriteLine($"{reason} {where} and read again, it answers for {sequence}:");
        Stream(path is null ? ModelFile.Load(file, "the demo") : ModelFile.Load(path), sequence, terminal);
        terminal.Output.WriteLine(
            $"It learned from strings of {DemoNetwork.ShortestTrained} to {DemoNetwork.LongestTrained} characters: "
            + $"its answers before character {DemoNetwork.ShortestTrained} are guesses.");
        return ExitCode.Success;
    }

    // Training leaves them out, so that they are unseen although short strings are few.
    private static string[] DrawTest(DemoSettings settings)
    {
        var random = new RandomSource(settings.Seed);
        var texts = new HashSet<string>();
        while (texts.Count < settings.TestStrings)
        {
            texts.Add(DnaStrings.Draw(random, ShortestTested, LongestTested));
        }

        return [.. texts];
    }

    /// <summary>Chooses a network. Of equal accuracies the smaller loss decides, which says little, so the sentence says it.</summary>
    /// <param name="results">Name, share of right answers and loss of each network.</param>
    /// <returns>The index of the network, and a sentence about it.</returns>
    internal static (int Index, string Reason) Best(ReadOnlySpan<(string Name, double Accuracy, double Loss)> results)
    {
        int best = 0;
        int equal = 1;
        for (int i = 1; i < results.Length; i++)
        {
            (double accuracy, double loss) = (results[i].Accuracy, results[i].Loss);
            equal = accuracy > results[best].Accuracy ? 1 : equal + (accuracy == results[best].Accuracy ? 1 : 0);
            best = accuracy > results[best].Accuracy || (accuracy == results[best].Accuracy && loss < results[best].Loss) ? i : best;
        }

        (string name, string share) = (results[best].Name, Display.Percent(results[best].Accuracy));
        return (best, equal == results.Length ? $"All three answer {share} of the strings right; the {name} has the smallest loss."
            : equal > 1 ? $"{equal} of them answer {share} of the strings right; of these the {name} has the smaller loss."
            : $"The {name} answers most strings right, {share}.");
    }

    private static (DemoNetwork Best, string Reason) Compare(
        DemoNetwork[] networks, string[] texts, DemoSettings settings, Terminal terminal)
    {
        double yes = (double)texts.Count(text => DnaStrings.HasThreeG(text)) / texts.Length;
        string larger = Display.Percent(Math.Max(yes, 1 - yes));
        List<string[]> rows = [];
        List<(string Name, double Accuracy, double Loss)> results = [];
        foreach (DemoNetwork network in networks)
        {
            (double accuracy, double loss) = network.Test(texts);
            (double nanoseconds, double bytes) = network.MeasureSteps(settings.TimedSteps);
            rows.Add(
            [
                network.Name,
                Amount.Of(network.Spec.Parameters.Count),
                $"{Display.Fixed(network.TrainingTime.TotalSeconds, 1)} s",
                Display.Percent(accuracy),
                larger,
                Display.Fixed(nanoseconds, 0),
                bytes == 0 ? "0" : Display.Fixed(bytes, 3),
            ]);
            results.Add((network.Name, accuracy, loss));
        }

        terminal.WriteTable(
            ["network", "#parameters", "#training", "#accuracy", "#larger\nclass", "#ns per\nstep", "#bytes per\nstep"], rows);
        terminal.Output.WriteLine(
            $"Accuracy on {Amount.Of(texts.Length)} unseen strings of {ShortestTested} to {LongestTested} characters, "
            + "beside the share of the larger class, which a constant answer would reach; bytes are what a streamed step allocates.");
        (int best, string reason) = Best([.. results]);
        return (networks[best], reason);
    }

    private static void WritePrecisions(DemoNetwork[] networks, string[] texts, Terminal terminal)
    {
        List<string[]> rows = [];
        foreach (DemoNetwork network in networks)
        {
            (double error16, double same16) = network.Round(texts, WeightPrecision.Bf16);
            (double error8, double same8) = network.Round(texts, WeightPrecision.Int8);
            rows.Add(
            [
                network.Name,
                Display.Fixed(error16, 5),
                Display.Percent(same16, 2),
                Display.Fixed(error8, 5),
                Display.Percent(same8, 2),
            ]);
        }

        terminal.WriteTable(["weights in", "#bf16:\nlargest error", "#same\nanswer", "#int8:\nlargest error", "#same\nanswer"], rows);
        terminal.Output.WriteLine("Errors of the probability against weights in fp32, over the same strings.");
    }

    private static void Stream(RecurrentModel model, string sequence, Terminal terminal)
    {
        AlignedBuffer<float> parameters = model.ReadParameters<float>();
        var network = new PackedNetwork(model.Spec, parameters.Span);
        StreamState state = network.CreateStream();
        float[] x = new float[model.Spec.InputSize];
        float[] y = new float[model.Spec.OutputSize];
        network.WarmUp();
        List<string[]> rows = [];
        int count = 0;
        foreach (char letter in sequence)
        {
            DnaStrings.Encode(letter, x);
            state.Step(x, y);
            Activations.Apply<float>(ActivationKind.Sigmoid, y, y);
            count += letter == 'G' ? 1 : 0;
            rows.Add([$"{rows.Count + 1}", $"{letter}", $"{count}", Display.Fixed(y[0], 4)]);
        }

        terminal.WriteTable(["#step", "character", "#G so far", "#probability of three G"], rows);
    }
}
