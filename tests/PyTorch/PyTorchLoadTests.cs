using System.Globalization;
using SpanRnn.Formats.PyTorch;

namespace SpanRnn.Tests;

/// <summary>PyTorch itself loads the written files with plain load_state_dict and computes the same; skipped without PyTorch.</summary>
public class PyTorchLoadTests
{
    // Reads the file without the safetensors package; its simple format needs only these lines.
    internal const string Load = """
        import json, struct, sys, torch
        from torch import nn

        def load(path):
            data = open(path, "rb").read()
            length = struct.unpack("<Q", data[:8])[0]
            header = json.loads(data[8:8 + length])
            header.pop("__metadata__", None)
            types = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
            return {name: torch.frombuffer(bytearray(data[8 + length:][slice(*entry["data_offsets"])]), dtype=types[entry["dtype"]])
                    .reshape(entry["shape"]) for name, entry in header.items()}

        class Model(nn.Module):
            def forward(self, x):
                if hasattr(self, "rnn"):
                    x = self.rnn(x)[0]
                for layer in getattr(self, "layers", []):
                    x = layer(x)
                    x = x[0] if isinstance(x, tuple) else x
                return self.head(x)

        state = load(sys.argv[1])
        torch.manual_seed(0)
        """;

    private const string Run = """

        model.load_state_dict(state)
        x = torch.arange(12, dtype=torch.float32).reshape(4, 1, 3) / 10
        print(" ".join(repr(value) for value in model(x).flatten().tolist()))
        """;

    [PyTorchTheory]
    [InlineData(ElementType.Single, 1e-6)]
    [InlineData(ElementType.Double, 1e-6)]
    [InlineData(ElementType.Half, 1e-6)]
    [InlineData(ElementType.BFloat16, 1e-6)]
    public void A_stack_of_equal_layers_is_one_module(ElementType type, double tolerance)
    {
        var layer = new RecurrentLayer(CellKind.Lstm, 5) { Bidirectional = true };
        Agrees(
            new NetworkSpec(3, layer, layer, new DenseLayer(2)),
            type,
            """

            model = Model()
            model.rnn = nn.LSTM(3, 5, 2, bidirectional=True)
            model.head = nn.Linear(10, 2)
            """,
            tolerance);
    }

    [PyTorchFact]
    public void Other_stacks_are_a_list_of_modules() => Agrees(
        new NetworkSpec(
            3,
            new DenseLayer(4),
            new RecurrentLayer(CellKind.Lstm, 5) { ProjectionSize = 2 },
            new RecurrentLayer(CellKind.GruResetAfter, 3) { Bidirectional = true },
            new DenseLayer(2)),
        ElementType.Single,
        """

        model = Model()
        model.layers = nn.ModuleList([nn.Linear(3, 4), nn.LSTM(4, 5, proj_size=2), nn.GRU(2, 3, bidirectional=True)])
        model.head = nn.Linear(6, 2)
        """,
        1e-6);

    private static void Agrees(NetworkSpec spec, ElementType type, string module, double tolerance)
    {
        float[] parameters = new float[spec.Parameters.Length];
        spec.Initialize<float>(parameters, new RandomSource(11));
        using var folder = new TemporaryFolder();
        string file = folder.File("model.safetensors");
        File.WriteAllBytes(file, PyTorchWriter.ToBytes<float>(spec, parameters, type));
        File.WriteAllText(folder.File("run.py"), Load + module + Run);

        (int exitCode, string output) = Command.Run(folder.Path, 60, PyTorchFactAttribute.Python, folder.File("run.py"), file);

        Assert.True(exitCode == 0, output);
        double[] expected = [.. output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Select(number => double.Parse(number, CultureInfo.InvariantCulture))];

        // Read back, so that both compute with the numbers as they were stored.
        RecurrentModel model = ModelFile.Load(file);
        var network = new PackedNetwork(model.Spec, model.ReadParameters<float>().Span);
        var layout = new SequenceLayout();
        layout.Set(4, 1);
        float[] y = new float[network.Spec.OutputLength(layout.Steps, layout.Batch)];
        float[] x = [.. Enumerable.Range(0, 12).Select(i => i / 10f)];
        network.Run(layout, x, [network.CreateStream()], y, new float[network.RunWorkspaceLength(layout)]);
        ModelRun.Agree(expected, y, tolerance);
    }
}
