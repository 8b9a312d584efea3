using SpanRnn.Cli;
using SpanRnn.Cli.CommandLine;
using SpanRnn.Formats.PyTorch;
using SpanRnn.Formats.Safetensors;

namespace SpanRnn.Tests;

/// <summary>A folder with a model and arrays, and the program run on them inside the test's own process.</summary>
internal sealed class CliFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public string File(string name) => _folder.File(name);

    /// <summary>The names in the folder, sorted.</summary>
    public string[] Names() => _folder.Names();

    /// <summary>Runs the program; an argument such as "{x.npy}" or "h0={h0.npy}" means a file of this folder.</summary>
    public (int Code, string Output, string Error) Run(params string[] arguments)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        int code = Application.Run([.. arguments.Select(Expand)], output, error);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>Runs the program, which must succeed without a word on the error stream.</summary>
    public string Succeed(params string[] arguments)
    {
        (int code, string output, string error) = Run(arguments);
        Assert.Equal("", error);
        Assert.Equal(ExitCode.Success, code);
        return output;
    }

    /// <summary>Runs the program, which must fail with one line on the error stream, nothing on the other and no new file.</summary>
    public string Fail(int expected, params string[] arguments)
    {
        string[] before = Names();
        (int code, string output, string error) = Run(arguments);
        Assert.Equal(expected, code);
        Assert.Equal("", output);
        Assert.Equal(before, Names());
        string line = Assert.Single(error.TrimEnd('\r', '\n').Split('\n'));
        Assert.StartsWith("spanrnn: ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", line, StringComparison.Ordinal);
        Assert.DoesNotContain("unexpected", line, StringComparison.Ordinal);
        return line;
    }

    public void Write(string name, byte[] bytes) => System.IO.File.WriteAllBytes(File(name), bytes);

    /// <summary>A model with random parameters.</summary>
    public float[] WriteModel(string name, NetworkSpec spec, ulong seed = 1)
    {
        float[] parameters = new float[spec.Parameters.Length];
        var random = new RandomSource(seed);
        foreach (ParameterSlot slot in spec.Parameters.Slots)
        {
            random.Fill(slot.In(parameters.AsSpan()), -0.7, 0.7);
        }

        Write(name, PyTorchWriter.ToBytes<float>(spec, parameters));
        return parameters;
    }

    /// <summary>The same as PyTorch saves it, without the metadata of this library.</summary>
    public void WriteStateDict(string name, NetworkSpec spec)
    {
        WriteModel(name, spec);
        var file = SafetensorsFile.Load(File(name));
        var writer = new SafetensorsWriter();
        foreach (SafetensorsTensor tensor in file.Tensors)
        {
            float[] values = new float[tensor.Length];
            tensor.CopyTo<float>(values);
            writer.Add<float>(tensor.Name, tensor.Shape, values);
        }

        Write(name, writer.ToBytes());
    }

    /// <summary>A float32 array of random numbers.</summary>
    public float[] WriteArray(string name, params int[] shape)
    {
        float[] values = new float[shape.Aggregate(1, (product, size) => product * size)];
        new RandomSource((ulong)name.Sum(c => c)).Fill(values.AsSpan(), -1, 1);
        WriteArray(name, shape, values);
        return values;
    }

    public void WriteArray(string name, int[] shape, float[] values) => Write(name, NpyArray.From<float>(shape, values).ToBytes());

    /// <summary>Writes lengths as int64 [n] or int32.</summary>
    public void WriteLengths(string name, string descr, params long[] lengths)
    {
        int size = descr[2] - '0';
        byte[] data = [.. lengths.SelectMany(length => BitConverter.GetBytes(length)[..size])];
        Write(name, FormatBytes.Npy(descr, $"({lengths.Length},)", data));
    }

    public NpyArray Read(string name) => NpyArray.Load(File(name));

    public void Dispose() => _folder.Dispose();

    /// <summary>The argument with the path of the file in this folder.</summary>
    public string Expand(string argument)
    {
        int open = argument.IndexOf('{', StringComparison.Ordinal);
        return open < 0 ? argument : argument[..open] + File(argument[(open + 1)..^1]);
    }
}
