using System.Text;
using SpanRnn.Formats.Json;
using SpanRnn.Formats.Model;
using SpanRnn.Formats.Onnx;
using SpanRnn.Perf;

namespace SpanRnn.Tests;

/// <summary>Networks as ONNX models: the results of ONNX Runtime, and networks that are refused.</summary>
public class OnnxWriterTests
{
    private const int Steps = 5;
    private const int Batch = 3;

    [OnnxRuntimeFact]
    public void ONNX_Runtime_gives_the_same_numbers()
    {
        foreach (NetworkSpec spec in Specs())
        {
            try
            {
                Compare(spec, batchFirst: false);
                Compare(spec, batchFirst: true);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException(NetworkJson.Write(spec), e);
            }
        }
    }

    [Fact]
    public void What_ONNX_has_not_is_refused()
    {
        Refused(
            "Layer 1 is an LSTM with a projection to 2, expected none",
            new(2, new RecurrentLayer(CellKind.Elman, 3), new RecurrentLayer(CellKind.Lstm, 3) { ProjectionSize = 2 }));
        Refused(
            "Layer 0 has the activation HardStep, expected another",
            new(2, new RecurrentLayer(CellKind.Elman, 3) { Activation = ActivationKind.HardStep }));
        Refused(
            "Layer 0 has the activation HardStep, expected another",
            new(2, new RecurrentLayer(CellKind.Lstm, 3)
            {
                Bidirectional = true,
                ReverseActivations = new(ActivationKind.Tanh, ActivationKind.HardStep, ActivationKind.Tanh),
            }));
        Refused(
            "Layer 0 has the activation Gelu, expected another: ONNX has it beside recurrent layers, not in them.",
            new(2, new RecurrentLayer(CellKind.Elman, 3) { Activation = ActivationKind.Gelu }));
        Refused(
            "Layer 1 has the activation Clip(-1, 1), expected another",
            new(
                2,
                new DenseLayer(3) { Activation = ActivationKind.Clip },
                new RecurrentLayer(CellKind.Lstm, 3)
                {
                    Bidirectional = true,
                    ReverseActivations = new(ActivationKind.Tanh, ActivationKind.Sigmoid, ActivationKind.Clip),
                }));
        Refused(
            "Layer 1 has the activation HardStep, expected another",
            new(2, new RecurrentLayer(CellKind.Elman, 3), new DenseLayer(1) { Activation = ActivationKind.HardStep }));
    }

    [Fact]
    public void A_wrong_number_of_parameters_is_refused() =>
        Assert.Contains(
            "'parameters' has 1 elements, expected",
            Assert.Throws<ArgumentException>(() => OnnxWriter.ToBytes(new(2, new RecurrentLayer(CellKind.Elman, 3)), new float[1])).Message,
            StringComparison.Ordinal);

    [Fact]
    public void The_file_says_who_made_it()
    {
        var spec = new NetworkSpec(2, new RecurrentLayer(CellKind.Elman, 3));

        string text = Encoding.Latin1.GetString(OnnxWriter.ToBytes(spec, new float[spec.Parameters.Length]));

        Assert.StartsWith("\u0008\u0008\u0012\u0007SpanRnn\u001a\u00050.1.0", text, StringComparison.Ordinal);
    }

    /// <summary>Examples of the encoding's description: 150 in field 1 is 08 96 01, "testing" in field 2 is 12 07 and the text.</summary>
    [Fact]
    public void Messages_are_encoded_as_described() =>
        Assert.Equal(
            [0x08, 0x96, 0x01, 0x12, 0x07, .. "testing"u8, 0x1D, 0, 0, 0x80, 0x3F, 0x1A, 0x03, 0x08, 0x96, 0x01],
            new ProtobufWriter().Add(1, 150).Add(2, "testing").Add(3, 1f).Add(3, new ProtobufWriter().Add(1, 150)).ToArray());

    /// <summary>Every layer, variant, direction and stack that ONNX has, with other nodes around them.</summary>
    internal static IEnumerable<NetworkSpec> Specs()
    {
        RecurrentLayer lstm = new(CellKind.Lstm, 4), gru = new(CellKind.GruResetAfter, 3), rnn = new(CellKind.Elman, 4);
        FinalStateLayer final = new();
        DenseLayer head = new(2);
        return
        [
            .. Variants.All.Where(spec => spec.Layers.ToArray().All(OnnxNetworks.HasOperator)),
            .. Variants.Activations.Where(OnnxNetworks.HasName).SelectMany(f => new NetworkSpec[]
            {
                new(2, rnn with { Activation = f, Bidirectional = true }),
                new(2, lstm with { OutputActivation = f }),
            }),
            new(2, lstm, gru with { Bidirectional = true }, rnn, final, head),
            new(new EmbeddingSpec(7, 2), lstm, gru, head),
            .. Variants.Activations.Where(f => f.Kind != ActivationKind.HardStep).Select(f => new NetworkSpec(
                2, Dense(3, f), lstm, final, Dense(2, f) with { Bias = false }, head with { Activation = f })),
            .. Variants.Unusual(3).Where(OnnxNetworks.HasOperator).SelectMany(layer => new NetworkSpec[]
            {
                new(2, layer with { Reverse = true }, rnn, final, head),
                new(2, layer with { Reverse = true }),
            }),
            .. Enum.GetValues<Normalization>().SelectMany(normalization => new NetworkSpec[]
            {
                new(2, gru, head with { Activation = ActivationKind.Relu }, Normalized(normalization)),
                new(2, gru with { Bidirectional = true }, final, head, Normalized(normalization)),
                new(2, Dense(3, ActivationKind.Identity), head, Normalized(normalization)),
            }),
            .. Readouts().SelectMany(readout => new NetworkSpec[]
            {
                new(2, readout),
                new(2, lstm, gru with { Bidirectional = true }, readout, Dense(3, ActivationKind.Tanh), head),
                new(new EmbeddingSpec(7, 2), gru, readout, head, new SkipLayer(2) { Scale = SkipScale.One, Features = 1 }),
            }),
            .. Finals().SelectMany(readout => new NetworkSpec[]
            {
                new(2, lstm, readout, head),
                new(2, lstm with { Bidirectional = true }, Dense(3, ActivationKind.Tanh), lstm with { HiddenSize = 2 }, readout, head),
            }),
            .. Enum.GetValues<SkipScale>().SelectMany(scale => new NetworkSpec[]
            {
                new(2, lstm, head, new SkipLayer(0) { Scale = scale }),
                new(3, lstm, head, new SkipLayer(0) { Scale = scale, Features = 1 }),
                new(1, gru, final, Dense(4, ActivationKind.Relu), new SkipLayer(2) { Scale = scale, Features = 2 }, head),
                new(new EmbeddingSpec(7, 3), gru, new SkipLayer(0) { Scale = scale }, rnn, new SkipLayer(1) { Features = 2 }),
            }),
            new(2, new ActivationLayer(ActivationKind.Identity)),
            new(2, Dense(3, ActivationKind.Identity) with { Bias = false }),
            new(
                2,
                rnn with
                {
                    Bidirectional = true,
                    ReverseActivations = new(ActivationKind.Relu, ActivationKind.Sigmoid, ActivationKind.Tanh),
                }),
            new(2, lstm with
            {
                Bidirectional = true,
                TrainableInitialState = true,
                ReverseActivations = new(ActivationKind.Softsign, ActivationKind.HardSigmoid, new(ActivationKind.ScaledTanh, 1, 0.5)),
            }),
            new(2, gru with
            {
                Bidirectional = true,
                GateActivation = new(ActivationKind.HardSigmoid, 0.25, 0.5),
                ReverseActivations = new(new(ActivationKind.LeakyRelu, 0.25, 0), ActivationKind.Sigmoid, ActivationKind.Tanh),
            }),
        ];
    }

    private static DenseLayer Dense(int size, ActivationSpec activation) => new(size) { Activation = activation };

    private static ActivationLayer Normalized(Normalization normalization) =>
        new(ActivationKind.Identity) { Normalization = normalization };

    private static LayerSpec[] Readouts() =>
    [
        .. Enum.GetValues<Pooling>().Select(kind => new PoolLayer(kind)), new StepLayer(0), new StepLayer(Steps - 1), new AttentionLayer(),
    ];

    private static FinalStateLayer[] Finals() =>
        [new(), new() { Cells = true }, new() { AllLayers = true }, new() { AllLayers = true, Cells = true }];

    private static void Refused(string expected, NetworkSpec spec) =>
        Assert.Contains(
            expected,
            Assert.Throws<ArgumentException>(() => OnnxWriter.ToBytes(spec, new float[spec.Parameters.Length])).Message,
            StringComparison.Ordinal);

    private static void Compare(NetworkSpec spec, bool batchFirst)
    {
        var run = new NetworkRun<float>(spec, Steps, [Steps, Steps, Steps]);
        var random = new RandomSource(1);
        foreach (ParameterSlot slot in spec.Parameters.Slots)
        {
            random.Fill(slot.In(run.Parameters.AsSpan()), -0.7, 0.7);
        }

        using var session = new OnnxSession(OnnxRuntime.Installed!, OnnxWriter.ToBytes(spec, run.Parameters, batchFirst));
        using var call = new OnnxCall(session);
        ModelPort Axes(ModelPort port) => batchFirst && port.Kind != PortKind.States ? port.BatchFirst() : port;
        ModelPort input = Axes(ModelPorts.Inputs(spec)[0]);
        long[] inputShape = Array.ConvertAll(input.Shape(Steps, Batch), size => (long)size);
        if (spec.Embedding is { } table)
        {
            long[] symbols = GC.AllocateArray<long>(Steps * Batch, pinned: true);
            for (int i = 0; i < symbols.Length; i++)
            {
                symbols[i] = (i * i) % table.Symbols;
            }

            int[] byStep = new int[symbols.Length];
            input.ToNetwork<int>(Steps, Batch, Array.ConvertAll(symbols, symbol => (int)symbol), byStep);
            run.Network.Embed(run.Parameters, run.Layout, byStep, run.X);
            call.AddInput("x", symbols, inputShape);
        }
        else
        {
            var x = new AlignedBuffer<float>(run.X.Length);
            random.Fill(x.Span, -1, 1);
            input.ToNetwork<float>(Steps, Batch, x.Span, run.X);
            call.AddInput("x", x, inputShape);
        }

        run.Network.WriteInitialState(run.Parameters, Batch, run.State);
        run.Forward();
        List<(ModelPort Port, AlignedBuffer<float> Actual)> outputs = [];
        foreach (ModelPort port in ModelPorts.Outputs(spec).Select(Axes))
        {
            int[] shape = port.Shape(Steps, Batch);
            var actual = new AlignedBuffer<float>(shape.Aggregate(1, (product, size) => product * size));
            actual.Span.Fill(float.NaN);
            call.AddOutput(port.Name, actual, Array.ConvertAll(shape, size => (long)size));
            outputs.Add((port, actual));
        }

        call.RunPlain();
        foreach ((ModelPort port, AlignedBuffer<float> actual) in outputs)
        {
            float[] expected = new float[actual.Length];
            if (port.Kind == PortKind.States)
            {
                port.ExportStates<float>(Batch, run.State, expected);
            }
            else
            {
                port.FromNetwork<float>(Steps, Batch, run.Y, expected);
            }

            Near.Assert<float>(port.Name, expected, actual.Span, 1e-5);
        }
    }
}
