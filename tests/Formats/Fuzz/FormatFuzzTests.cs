using SpanRnn.Formats.PyTorch;
using SpanRnn.Formats.Safetensors;

namespace SpanRnn.Tests;

public class FormatFuzzTests
{
    [Fact]
    public void A_damaged_safetensors_file_is_read_or_refused()
    {
        var writer = new SafetensorsWriter();
        writer.Metadata["format"] = "pt";
        writer.Add<float>("weight_ih_l0", [2, 3], new float[6]);
        writer.Add<double>("b", [2], new double[2]);
        writer.Add<float>("none", [0, 7], []);

        BothOutcomes(FormatFuzz.Run(ReadSafetensors, SafetensorsHeaderDamage.Apply, FormatFuzz.Files, writer.ToBytes()));
    }

    [Fact]
    public void A_damaged_state_dict_is_read_or_refused()
    {
        var lstm = new RecurrentLayer(CellKind.Lstm, 3) { ProjectionSize = 2, Bidirectional = true, Clip = 2 };
        byte[][] originals =
        [
            StateDict(new NetworkSpec(2, lstm, lstm, new FinalStateLayer(), new DenseLayer(1))),
            StateDict(new NetworkSpec(new EmbeddingSpec(4, 2), [new RecurrentLayer(CellKind.GruResetAfter, 3)])),
            StateDict(
                new NetworkSpec(
                    2, new RecurrentLayer(CellKind.Elman, 3) { Activation = ActivationKind.Relu, TrainableInitialState = true })),
        ];

        BothOutcomes(FormatFuzz.Run(
            bytes => ReadModel(bytes, "m.safetensors"), SafetensorsHeaderDamage.Apply, FormatFuzz.Files, originals));
    }

    [Fact]
    public void A_damaged_RTNeural_file_is_read_or_refused() =>
        BothOutcomes(FormatFuzz.Run(bytes => ReadModel(bytes, "m.json"), FormatFuzz.Files, FuzzOriginals.RtNeural));

    [Fact]
    public void A_damaged_state_dict_in_JSON_is_read_or_refused() =>
        BothOutcomes(FormatFuzz.Run(bytes => ReadModel(bytes, "m.json"), FormatFuzz.Files, FuzzOriginals.StateDicts));

    [Fact]
    public void A_damaged_NAM_file_is_read_or_refused() =>
        BothOutcomes(FormatFuzz.Run(bytes => ReadModel(bytes, "m.nam"), FormatFuzz.Files, FuzzOriginals.Nam));

    [Fact]
    public void A_damaged_Keras_file_is_read_or_refused() =>
        BothOutcomes(FormatFuzz.Run(
            bytes => ReadModel(bytes, "m.safetensors"), SafetensorsHeaderDamage.Apply, FormatFuzz.Files, FuzzOriginals.Keras));

    [Fact]
    public void A_damaged_ONNX_file_is_read_or_refused() =>
        BothOutcomes(FormatFuzz.Run(bytes => ReadModel(bytes, "m.onnx"), FormatFuzz.Files, FuzzOriginals.Onnx));

    [Fact]
    public void An_ONNX_graph_that_is_damaged_inside_is_read_or_refused() =>
        BothOutcomes(FormatFuzz.Run(bytes => ReadModel(bytes, "m.onnx"), ProtobufTree.Apply, FormatFuzz.Files, FuzzOriginals.Onnx));

    [Fact]
    public void A_damaged_npy_file_is_read_or_refused()
    {
        const string Header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }  \n";
        byte[][] originals = [FormatBytes.Npy(1, Header, FormatBytes.Count(6, 4)), FormatBytes.Npy(2, Header, FormatBytes.Count(6, 4))];

        BothOutcomes(FormatFuzz.Run(ReadNpy, FormatFuzz.Files, originals));
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        byte[] npy = NpyArray.From<float>([2, 3], new float[6]).ToBytes();
        var writer = new SafetensorsWriter();
        writer.Add<float>("w", [2, 3], new float[6]);
        byte[] safetensors = writer.ToBytes();

        Assert.All(Enumerable.Range(0, npy.Length), n => Assert.Throws<ModelFormatException>(() => ReadNpy(npy[..n])));
        Assert.All(
            Enumerable.Range(0, safetensors.Length), n => Assert.Throws<ModelFormatException>(() => ReadSafetensors(safetensors[..n])));
    }

    [Fact]
    public void The_fuzz_reports_a_reader_that_throws_anything_else()
    {
        bool first = true;
        void Faulty(byte[] bytes)
        {
            _ = bytes[first ? 0 : 1000];
            first = false;
        }

        Exception e = Assert.ThrowsAny<Exception>(() => FormatFuzz.Run(Faulty, 10, NpyArray.From<float>([1], [1f]).ToBytes()));

        Assert.Contains(nameof(IndexOutOfRangeException), e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_fuzz_reports_a_reader_that_believes_a_length()
    {
        Exception e = Assert.ThrowsAny<Exception>(
            () => FormatFuzz.Run(bytes => _ = new byte[(bytes.Length * FormatFuzz.AllowancePerByte) + FormatFuzz.Allowance], 10, [[1, 2]]));

        Assert.Contains("made the reader allocate", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_that_is_damaged_from_inside_is_still_one()
    {
        // Field 1: 300; field 2: a message of field 3: "abc".
        byte[] message = [0x08, 0xAC, 0x02, 0x12, 0x05, 0x1A, 0x03, .. "abc"u8];

        Assert.Equal(
            [0x08, 0x00, 0x12, 0x05, 0x1A, 0x03, .. "abc"u8], ProtobufTree.Apply(message, [new Mutation(MutationKind.FlipBit, 0, 0)]));
        Assert.Equal([0x08, 0xAC, 0x02], ProtobufTree.Apply(message, [new Mutation(MutationKind.Truncate, 1, 7)]));
        Assert.Equal(
            [0x08, 0xAC, 0x02, 0x12, 0x00], ProtobufTree.Apply(message, [new Mutation(MutationKind.Truncate, 1, 1)]));
    }

    // Both outcomes are frequent, so both are tried.
    private static void BothOutcomes(int refused) =>
        Assert.InRange(refused, FormatFuzz.Files / 3, FormatFuzz.Files - (FormatFuzz.Files / 100));

    private static byte[] StateDict(NetworkSpec spec) => PyTorchWriter.ToBytes<float>(spec, new float[spec.Parameters.Length]);

    private static void ReadModel(byte[] bytes, string name)
    {
        RecurrentModel model = ModelFile.Load(bytes, name);
        _ = model.ReadParameters<float>();
    }

    private static void ReadSafetensors(byte[] bytes)
    {
        foreach (SafetensorsTensor tensor in SafetensorsFile.Parse(bytes, "m").Tensors)
        {
            if (tensor.Dtype is "F64" or "F32" or "F16" or "BF16")
            {
                tensor.CopyTo<float>(new float[tensor.Length]);
                tensor.CopyTo<double>(new double[tensor.Length]);
            }
        }
    }

    private static void ReadNpy(byte[] bytes)
    {
        var file = NpyArray.Parse(bytes, "x");
        string[] axes = [.. Enumerable.Repeat("A", file.Shape.Length)];
        _ = file.Dtype.StartsWith("int", StringComparison.Ordinal) ? file.ToInt64s(axes).Length : file.ToDoubles(axes).Length;
        _ = file.ToSingles("A", "B");
    }
}
