using System.Text;
using SpanRnn.Formats.PyTorch;

namespace SpanRnn.Tests;

/// <summary>Bad input of every kind: one sentence that names what was wrong, the exit code, and no output file.</summary>
public class BadInputTests
{
    public static TheoryData<string> FileProblems() => [.. Files().Keys];

    public static TheoryData<string> ModelProblems() => [.. Models().Keys];

    [Theory]
    [MemberData(nameof(FileProblems))]
    public void A_bad_array_is_refused(string problem)
    {
        using CliFolder folder = Ready();
        (Action<CliFolder> spoil, string[] more, string expected) = Files()[problem];
        spoil(folder);

        string[] inputs = ["{m}", "--input", "{x.npy}", .. more];
        string[] run = ["run", .. inputs, "--output", "{y.npy}", "--output", "hn={hn.npy}"];
        Assert.Contains(expected, folder.Fail(1, run), StringComparison.Ordinal);
        string[] gradCheck = ["gradcheck", .. inputs, "--output-gradient", "{gy.npy}", "--write", "{g}"];
        Assert.Contains(expected, folder.Fail(1, gradCheck), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(ModelProblems))]
    public void A_bad_model_is_refused_by_every_command(string problem)
    {
        using CliFolder folder = Ready();
        (byte[] bytes, string expected) = Models()[problem];
        folder.Write("m", bytes);

        string sentence = folder.Fail(1, "run", "{m}", "--input", "{x.npy}", "--output", "{y.npy}");
        Assert.Contains(expected, sentence, StringComparison.Ordinal);
        Assert.Equal(sentence, folder.Fail(1, "inspect", "{m}"));
        Assert.Equal(sentence, folder.Fail(1, "bench", "{m}"));
        Assert.Equal(sentence, folder.Fail(1, "gradcheck", "{m}", "--input", "{x.npy}", "--output-gradient", "{gy.npy}"));
    }

    [Fact]
    public void Every_way_to_cut_a_model_short_is_refused()
    {
        using CliFolder folder = Ready();
        byte[] whole = File.ReadAllBytes(folder.File("m"));
        for (int length = 0; length < whole.Length; length += 1 + (length / 20))
        {
            folder.Write("m", whole[..length]);
            folder.Fail(1, "run", "{m}", "--input", "{x.npy}", "--output", "{y.npy}");
        }
    }

    [Theory]
    [InlineData("inspect {none}", "none' does not exist")]
    [InlineData("inspect {}", "is a folder, expected a file")]
    [InlineData("run {m} --input {none} --output {y}", "none' does not exist")]
    [InlineData("run {m} --input {x.npy} --input h0={none} --output {y}", "none' does not exist")]
    [InlineData("run {m} --input {x.npy} --output {none/y}", "none/y' does not exist")]
    [InlineData("run {m} --input {x.npy} --output {}", "is a folder, expected the name of a file")]
    [InlineData("run {m} --input {x.npy} --output {y} --output hn={y}", "is written twice")]
    [InlineData("run {m} --input {x.npy} --output {y} --output hn={none/hn}", "none/hn' does not exist")]
    [InlineData("run {m} --input {x.npy} --output {x.npy}", "x.npy' is read and would be overwritten")]
    [InlineData("run {m} --input {x.npy} --output hn={m}", "m' is read and would be overwritten")]
    [InlineData("run {m} --input {x.npy} --output {y} --nonlinearity relu", "the shapes belong to a GRU, expected an RNN")]
    [InlineData("gradcheck {m} --input {x.npy} --output-gradient {none}", "none' does not exist")]
    [InlineData("gradcheck {m} --input {x.npy} --output-gradient {gy.npy} --write {none/g}", "none/g' does not exist")]
    [InlineData("gradcheck {m} --input {x.npy} --output-gradient {gy.npy} --write {m}", "m' is read and would be overwritten")]
    [InlineData("gradcheck {m} --input {x.npy} --output-gradient {x.npy}", "the shape is [4, 3, 2], expected [4, 3, 5], the shape of y")]
    [InlineData("gradcheck {m} --input {x.npy} --output-gradient {h0.npy}", "the shape is [1, 3, 5], expected [4, 3, 5]")]
    [InlineData("gradcheck {m} --input {x.npy} --output-gradient gh={gy.npy}", "the shape is [4, 3, 5], expected [1, 3, 5]")]
    [InlineData("gradcheck {m} --input {x.npy} --output-gradient {n.npy}", "the shape is [3] (rank 1), expected rank 3 [T, B, 5]")]
    public void Files_that_cannot_be_used_are_named(string line, string expected)
    {
        using CliFolder folder = Ready();
        Assert.Contains(expected, folder.Fail(1, line.Split(' ')), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "Required command was not provided")]
    [InlineData("walk", "Unrecognized command or argument 'walk'")]
    [InlineData("inspect", "Required argument 'MODEL' missing")]
    [InlineData("inspect {m} {m}", "Unrecognized command or argument")]
    [InlineData("trian d.csv", "Unrecognized command or argument 'trian'. Did you mean train? See 'spanrnn --help'.")]
    [InlineData("train d.csv --epoch 3", "argument '--epoch'. Did you mean --epochs? See 'spanrnn train --help'.")]
    [InlineData("train --epoch 3", "argument '--epoch'. Did you mean --epochs? See 'spanrnn train --help'.")]
    [InlineData("compare d.csv --budjet 2m", "argument '--budjet'. Did you mean --budget? See 'spanrnn compare --help'.")]
    [InlineData("data addng --count 3", "argument 'addng'. Did you mean adding? See 'spanrnn data --help'.")]
    [InlineData("inspect {m} --quite-another", "argument '--quite-another'. See 'spanrnn inspect --help'.")]
    [InlineData("inspect {m} --shape", "Unrecognized command or argument '--shape'")]
    [InlineData("run {m} --output {y}", "Option '--input' is required")]
    [InlineData("run {m} --input {x.npy}", "Option '--output' is required")]
    [InlineData("run {m} --input {x.npy} --output", "Required argument missing for option: '--output'")]
    [InlineData("run {m} --input h0={h0.npy} --output {y}", "--input x is missing")]
    [InlineData("run {m} --input {x.npy} --input {x.npy} --output {y}", "--input x is given twice")]
    [InlineData("run {m} --input {x.npy} --input x={x.npy} --output {y}", "--input x is given twice")]
    [InlineData("run {m} --input {x.npy} --input h1=a --output {y}", "has the name 'h1', expected one of x, lengths, h0.")]
    [InlineData("run {m} --input {x.npy} --input c0={h0.npy} --output {y}", "has the name 'c0', expected one of x, lengths, h0.")]
    [InlineData("run {m} --input {x.npy} --output cn={cn}", "has the name 'cn', expected one of y, hn.")]
    [InlineData("gradcheck {m} --input {x.npy} --output-gradient gc={h0.npy}", "has the name 'gc', expected one of gy, gh, y, hn.")]
    [InlineData("run {m} --input {x.npy} --input h0= --output {y}", "--input 'h0=' names no file")]
    [InlineData("run {m} --input {x.npy} --output {y} --output z=b", "has the name 'z', expected one of y, hn.")]
    [InlineData("run {m} --input {x.npy} --output {y} --nonlinearity selu", "--nonlinearity is 'selu', expected tanh or relu")]
    [InlineData("run {m} --input {x.npy} --output {y} --precision half", "--precision is 'half', expected fp32 or bf16 or int8")]
    [InlineData("gradcheck {m} --input {x.npy}", "Option '--output-gradient' is required")]
    [InlineData("gradcheck {m} --input {x.npy} --output-gradient {gy.npy} --precision half", "--precision is 'half', expected double or")]
    [InlineData("gradcheck {m} --input {x.npy} --output-gradient gy=a --output-gradient y=b", "--output-gradient y is given twice")]
    [InlineData("gradcheck {m} --input {x.npy} --output-gradient {gy.npy} --write", "Required argument missing for option: '--write'")]
    public void A_wrong_command_line_has_a_code_of_its_own(string line, string expected)
    {
        using CliFolder folder = Ready();
        string sentence = folder.Fail(2, line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(expected, sentence, StringComparison.Ordinal);
        Assert.Contains("--help'", sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help", "gradcheck")]
    [InlineData("run --help", "--batch-first")]
    [InlineData("gradcheck --help", "--precision <double|single>")]
    [InlineData("demo --help", "--sequence")]
    [InlineData("bench --help", "--precision <fp32|bf16|int8>")]
    [InlineData("--version", ".")]
    public void Help_and_version_are_no_errors(string line, string expected)
    {
        using var folder = new CliFolder();
        Assert.Contains(expected, folder.Succeed(line.Split(' ')), StringComparison.Ordinal);
    }

    [Fact]
    public void An_output_that_was_there_before_stays_as_it_is()
    {
        using CliFolder folder = Ready();
        folder.Write("y.npy", [1, 2, 3]);
        folder.WriteLengths("n.npy", "<i8", 9, 9, 9);

        folder.Fail(1, "run", "{m}", "--input", "{x.npy}", "--input", "lengths={n.npy}", "--output", "{y.npy}");

        Assert.Equal([1, 2, 3], File.ReadAllBytes(folder.File("y.npy")));
    }

    /// <summary>A GRU of 5 units on x [4, 3, 2].</summary>
    private static CliFolder Ready()
    {
        var folder = new CliFolder();
        folder.WriteModel("m", new NetworkSpec(2, new RecurrentLayer(CellKind.GruResetAfter, 5)));
        folder.WriteArray("x.npy", 4, 3, 2);
        folder.WriteArray("h0.npy", 1, 3, 5);
        folder.WriteArray("gy.npy", 4, 3, 5);
        folder.WriteLengths("n.npy", "<i8", 4, 2, 3);
        return folder;
    }

    private static Dictionary<string, (Action<CliFolder> Spoil, string[] More, string Expected)> Files() => new()
    {
        ["x has another rank"] = (f => f.WriteArray("x.npy", 4, 3), [], "the shape is [4, 3] (rank 2), expected rank 3 [T, B, 2]"),
        ["x has another rank, batch first"] = (f => f.WriteArray("x.npy", 4), ["--batch-first"], "expected rank 3 [B, T, 2]"),
        ["x has another input size"] = (
            f => f.WriteArray("x.npy", 4, 3, 7), [], "the shape is [4, 3, 7], expected [T, B, 2], the axes of x."),
        ["x is of integers without the last axis"] = (
            f => f.Write("x.npy", FormatBytes.Npy("<i4", "(4, 3)", new byte[48])),
            [],
            "the array has int32 in the shape [4, 3] as symbols have, expected the numbers [T, B, 2] of x; numpy.eye(2, "),
        ["x is of integers of another size"] = (
            f => f.Write("x.npy", FormatBytes.Npy("<i8", "(4, 3, 3)", new byte[288])), [], "the shape is [4, 3, 3], expected [T, B, 2]"),
        ["x is complex"] = (
            f => f.Write("x.npy", FormatBytes.Npy("<c8", "(4, 3, 2)", new byte[192])),
            [],
            "the dtype is '<c8', expected real or whole numbers: x.astype(numpy.float32)"),
        ["x is truncated"] = (
            f => f.Write("x.npy", File.ReadAllBytes(f.File("x.npy"))[..^1]), [], "the data has 95 bytes, expected 96"),
        ["x has too much"] = (
            f => f.Write("x.npy", [.. File.ReadAllBytes(f.File("x.npy")), 0]), [], "the data has 97 bytes, expected 96"),
        ["x is empty"] = (f => f.Write("x.npy", []), [], "x.npy: the file "),
        ["x is text"] = (
            f => f.Write("x.npy", Encoding.ASCII.GetBytes("1 2 3 4 5 6 7 8 9")), [], "the file does not begin as .npy files do"),
        ["x is a recording"] = (
            f => f.Write("x.npy", [.. "RIFF"u8, 36, 0, 0, 0, .. "WAVEfmt "u8]), [], "the file is a WAV recording, expected an array"),
        ["x is an archive of arrays"] = (
            f => f.Write("x.npy", [.. "PK\u0003\u0004"u8, .. new byte[22], 5, 0, 0, 0, .. "x.npy"u8]),
            [],
            "the file is a zip archive of arrays, as numpy.savez writes, expected an array"),
        ["the batch is empty"] = (f => f.WriteArray("x.npy", 4, 0, 2), [], "the shape is [4, 0, 2], an empty batch, expected"),
        ["there are no steps"] = (f => f.WriteArray("x.npy", 0, 3, 2), [], "the shape is [0, 3, 2], zero steps, expected"),
        ["there are no steps, batch first"] = (
            f => f.WriteArray("x.npy", 3, 0, 2), ["--batch-first"], "the shape is [3, 0, 2], zero steps"),
        ["h0 has another size"] = (
            f => f.WriteArray("h0.npy", 1, 3, 4), ["--input", "h0={h0.npy}"], "h0.npy: the shape is [1, 3, 4], expected [1, 3, 5]"),
        ["h0 has another batch"] = (
            f => f.WriteArray("h0.npy", 1, 2, 5), ["--input", "h0={h0.npy}"], "the shape is [1, 2, 5], expected [1, 3, 5]"),
        ["h0 has another rank"] = (
            f => f.WriteArray("h0.npy", 3, 5), ["--input", "h0={h0.npy}"], "(rank 2), expected rank 3 [1, B, 5]"),
        ["lengths beyond T"] = (
            f => f.WriteLengths("n.npy", "<i8", 4, 5, 3), ["--input", "lengths={n.npy}"], "the length of sequence 1 is 5, expected 0 to 4"),
        ["lengths beyond int"] = (
            f => f.WriteLengths("n.npy", "<i8", 4, 1L << 32, 3), ["--input", "lengths={n.npy}"], "sequence 1 is 4294967296, expected"),
        ["negative lengths"] = (
            f => f.WriteLengths("n.npy", "<i4", -1, 5, 3), ["--input", "lengths={n.npy}"], "length of sequence 0 is -1, expected 0 to 4"),
        ["too few lengths"] = (
            f => f.WriteLengths("n.npy", "<i4", 1, 2), ["--input", "lengths={n.npy}"], "the shape is [2], expected [3]"),
        ["lengths of another dtype"] = (
            f => f.WriteArray("n.npy", 3),
            ["--input", "lengths={n.npy}"],
            "n.npy: the dtype is float32, expected whole numbers: x.astype(numpy.int64)"),
        ["lengths of another rank"] = (
            f => f.Write("n.npy", FormatBytes.Npy("<i4", "(3, 1)", new byte[12])), ["--input", "lengths={n.npy}"], "expected rank 1 [B]"),
    };

    private static Dictionary<string, (byte[] Bytes, string Expected)> Models()
    {
        var spec = new NetworkSpec(2, new RecurrentLayer(CellKind.GruResetAfter, 5));
        byte[] whole = PyTorchWriter.ToBytes<float>(spec, new float[spec.Parameters.Length]);
        static byte[] Long(byte[] bytes, ulong length) => [.. BitConverter.GetBytes(length), .. bytes[8..]];
        static byte[] Replaced(byte[] bytes, string old, string now)
        {
            Assert.Equal(old.Length, now.Length);
            return Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(bytes).Replace(old, now, StringComparison.Ordinal));
        }

        return new()
        {
            ["empty"] = ([], "the file is empty, expected a model as safetensors, ONNX, or JSON"),
            ["no model"] = ("a text of some length"u8.ToArray(), "the file begins with 612074657874206F, expected a model as safetensors"),
            ["a zip"] = ("PK\u0003\u0004"u8.ToArray(), "the file is a zip archive, expected a model"),
            ["data missing"] = (whole[..^4], "expected begin <= end <="),
            ["data left over"] = ([.. whole, 0], "expected"),
            ["header longer than the file"] = (Long(whole, (ulong)whole.Length), "the header's length is"),
            ["header of 2^64 - 1 bytes"] = (Long(whole, ulong.MaxValue), "the header's length is 18446744073709551615"),
            ["header too short"] = (Long(whole, 20), "header"),
            ["header of zero bytes"] = (Long(whole, 0), "the header is empty"),
            ["offsets that lie"] = (Replaced(whole, "[0,120]", "[0,124]"), "tensor 'weight_ih_l0' has 124 bytes of data, expected 120"),
            ["half precision"] = (Replaced(whole, "F32", "F16"), "expected"),
            ["no such dtype"] = (Replaced(whole, "F32", "F33"), "'F33'"),
            ["integers"] = (Replaced(whole, "F32", "I32"), "has dtype I32, expected "),
            ["a missing tensor"] = (Replaced(whole, "weight_hh_l0", "weight_hh_l1"), "there is no tensor 'weight_hh_l0'"),
            ["a foreign tensor"] = (Replaced(whole, "bias_hh_l0", "bias_xx_l0"), "tensor 'bias_xx_l0' is not part of the network"),
            ["shapes that contradict each other"] = (
                Replaced(whole, "[15,2]", "[10,3]"), "tensor 'weight_ih_l0' has shape [10, 3], expected [15, 3] in a GRU"),
        };
    }
}
