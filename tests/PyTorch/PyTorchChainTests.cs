using System.Numerics;
using System.Text.Json;
using SpanRnn.Formats.Json;

namespace SpanRnn.Tests;

/// <summary>Chains with layers of every kind against the references of tests/Data/chains: outputs and all gradients.</summary>
[Trait("Category", "Simd")]
public class PyTorchChainTests
{
    private static readonly string _folder = Repository.PathOf("tests", "Data", "chains");

    public static TheoryData<string> Names() =>
        [.. Directory.EnumerateFiles(_folder, "*.safetensors").Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Fact]
    public void The_references_are_all_there() => Assert.Equal(22, Names().Count);

    [Theory]
    [MemberData(nameof(Names))]
    public void Double_precision_agrees(string name) => Agrees<double>(name, 1e-12);

    [Theory]
    [MemberData(nameof(Names))]
    public void Single_precision_agrees(string name) => Agrees<float>(name, 2e-5);

    [Theory]
    [MemberData(nameof(Names))]
    public void Packed_inference_agrees(string name)
    {
        Chain chain = new(name);
        var network = new PackedNetwork(chain.Spec, chain.Parameters<float>());
        StreamState[] states = [.. Enumerable.Range(0, chain.Layout.Batch).Select(_ => network.CreateStream())];
        float[] y = new float[chain["y"].Length];
        float[] x = Array.ConvertAll(chain["x"], value => (float)value);
        network.Run(chain.Layout, x, states, y, new float[network.RunWorkspaceLength(chain.Layout)]);
        AssertNear(chain["y"], y, 2e-5, "y");
    }

    private static void Agrees<T>(string name, double tolerance)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Chain chain = new(name);
        var network = new Network<T>(chain.Spec);
        T[] parameters = chain.Parameters<T>();
        var state = new T[network.StateLength(chain.Layout.Batch)];
        var tape = new T[network.TapeLength(chain.Layout)];
        var workspace = new T[network.WorkspaceLength(chain.Layout)];
        var y = new T[chain["y"].Length];
        network.Forward(parameters, chain.Layout, chain.In<T>("x"), state, y, tape, workspace);
        AssertNear(chain["y"], y, tolerance, "y");

        var dx = new T[chain["x"].Length];
        var gradients = new T[parameters.Length];
        state.AsSpan().Clear();
        var buffers = new BackwardBuffers<T> { Dy = chain.In<T>("gy"), DState = state, Dx = dx, Gradients = gradients };
        network.Backward(parameters, chain.Layout, tape, buffers, workspace);
        AssertNear(chain["grad.x"], dx, tolerance, "grad.x");
        AssertNear(chain["grad.parameters"], chain.Packed(gradients), tolerance, "grad.parameters");
    }

    private static void AssertNear<T>(double[] expected, T[] actual, double tolerance, string what)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            double difference = Math.Abs(expected[i] - double.CreateTruncating(actual[i]));
            Assert.False(
                !(difference <= tolerance * Math.Max(1, Math.Abs(expected[i]))), $"{what}[{i}] is {actual[i]}, expected {expected[i]}.");
        }
    }

    private sealed class Chain
    {
        private readonly SafetensorsFile _file;

        public Chain(string name)
        {
            _file = SafetensorsFile.Load(Path.Combine(_folder, name));
            using var metadata = JsonDocument.Parse(_file.Metadata["case"]);
            Spec = NetworkJson.Read(metadata.RootElement.GetProperty("spec").GetString()!, name);
            int[] lengths = [.. metadata.RootElement.GetProperty("lengths").EnumerateArray().Select(length => length.GetInt32())];
            Layout.Set(lengths.Max(), lengths);
        }

        public NetworkSpec Spec { get; }

        public SequenceLayout Layout { get; } = new();

        public double[] this[string tensor] => Values(_file.Find(tensor)!);

        public T[] In<T>(string tensor)
            where T : unmanaged, IBinaryFloatingPointIeee754<T> => Array.ConvertAll(this[tensor], T.CreateTruncating);

        /// <summary>The parameters in the flat buffer, whose slots are padded; the file has them without gaps.</summary>
        public T[] Parameters<T>()
            where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            T[] values = In<T>("parameters");
            var parameters = new T[Spec.Parameters.Length];
            int offset = 0;
            foreach (ParameterSlot slot in Spec.Parameters.Slots)
            {
                values.AsSpan(offset, slot.Length).CopyTo(slot.In(parameters.AsSpan()));
                offset += slot.Length;
            }

            Assert.Equal(values.Length, offset);
            return parameters;
        }

        /// <summary>The numbers of all slots without gaps.</summary>
        public T[] Packed<T>(T[] parameters)
            where T : unmanaged => [.. Spec.Parameters.Slots.ToArray().SelectMany(slot => slot.In(parameters.AsSpan()).ToArray())];

        private static double[] Values(SafetensorsTensor tensor)
        {
            double[] values = new double[tensor.Length];
            tensor.CopyTo<double>(values);
            return values;
        }
    }
}
