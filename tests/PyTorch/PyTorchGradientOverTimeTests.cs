using System.Globalization;
using SpanRnn.Tasks;

namespace SpanRnn.Tests;

/// <summary>The curve of forget against autograd on the same weights, through 200 steps; skipped without PyTorch.</summary>
public class PyTorchGradientOverTimeTests
{
    private const int Steps = 200;

    private const string Norms = """

        model = Model()
        model.rnn = {0}(4, 7)
        model.head = nn.Linear(7, 2)
        model.load_state_dict(state)
        model.double()
        sums = torch.zeros({1}, dtype=torch.float64)
        lines = open(sys.argv[2]).read().split()
        for line in lines:
            sequence, label = line.split(",")
            x = nn.functional.one_hot(torch.tensor(["ACGT".index(letter) for letter in sequence]), 4).double().unsqueeze(1)
            x.requires_grad_()
            nn.functional.cross_entropy(model(x)[-1], torch.tensor([["no", "yes"].index(label)])).backward()
            sums += x.grad.squeeze(1).norm(dim=1)
        print(" ".join(repr(value) for value in (sums / len(lines)).flip(0).tolist()))
        """;

    [PyTorchTheory]
    [InlineData(CellKind.Elman, "nn.RNN", 0)]
    [InlineData(CellKind.Lstm, "nn.LSTM", 0)]
    [InlineData(CellKind.Gru, "nn.GRU", 0)]
    [InlineData(CellKind.Lstm, "nn.LSTM", Steps)]
    [InlineData(CellKind.Gru, "nn.GRU", Steps)]
    public void Norms_are_those_of_autograd(CellKind cell, string module, int remembered)
    {
        var random = new RandomSource(5);
        SequenceRecord[] records =
        [
            .. Enumerable.Range(0, 4).Select(i => new SequenceRecord(
                null, string.Concat(Enumerable.Range(0, Steps).Select(_ => "ACGT"[random.NextInt(4)])), i % 2 == 0 ? "no" : "yes", i + 2)),
        ];
        var file = SequenceFile.Made(records);
        var task = SequenceTask.Of(file, TaskKind.Classify);
        var spec = new NetworkSpec(4, new RecurrentLayer(cell, 7), new FinalStateLayer(), new DenseLayer(2));
        float[] parameters = new float[spec.Parameters.Length];
        spec.Initialize<float>(parameters, new RandomSource(2), remembered);
        var model = new SequenceModel(task, spec, parameters);
        using var folder = new TemporaryFolder();
        string path = folder.File("m.safetensors");
        model.Save(path);
        string norms = Norms.Replace("{0}", module, StringComparison.Ordinal).Replace("{1}", $"{Steps}", StringComparison.Ordinal);
        File.WriteAllText(folder.File("run.py"), PyTorchLoadTests.Load + norms);
        File.WriteAllLines(folder.File("d.txt"), records.Select(record => $"{record.Sequence},{record.Label}"));

        (int exitCode, string output) = Command.Run(
            folder.Path, 60, PyTorchFactAttribute.Python, folder.File("run.py"), path, folder.File("d.txt"));

        Assert.True(exitCode == 0, output);
        double[] expected = [.. output.Split().Where(text => text.Length > 0).Select(Number)];
        double[] found = GradientOverTime.Of(model, file);
        Assert.Equal(expected.Length, found.Length);
        for (int distance = 0; distance < Steps; distance++)
        {
            Assert.True(
                !(Math.Abs(found[distance] - expected[distance]) > 1e-8 * expected[distance]),
                $"{found[distance]} at {distance}, expected {expected[distance]}");
        }

        static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
    }
}
