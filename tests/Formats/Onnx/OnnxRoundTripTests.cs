using SpanRnn.Formats.Json;
using SpanRnn.Formats.Model;
using SpanRnn.Formats.Onnx;

namespace SpanRnn.Tests;

/// <summary>Every network that can be written as ONNX is the same after it is read.</summary>
public class OnnxRoundTripTests
{
    [Fact]
    public void What_is_written_is_read()
    {
        int count = 0;
        foreach (NetworkSpec spec in OnnxNetworks.All)
        {
            string text = NetworkJson.Write(spec);
            float[] parameters = OnnxNetworks.Parameters(spec);
            try
            {
                foreach (bool batchFirst in new[] { false, true })
                {
                    RecurrentModel model = ModelFile.Load(OnnxWriter.ToBytes(spec, parameters, batchFirst), "m.onnx");

                    Assert.StartsWith(batchFirst ? "[B, T" : "[T, B", model.Inputs[0].Axes, StringComparison.Ordinal);
                    Assert.Empty(model.Unused);
                    Check(spec, parameters, model);
                }
            }
            catch (Exception e)
            {
                throw new InvalidOperationException(text, e);
            }

            count++;
        }

        Assert.True(count > 60, $"There are {count} networks.");
    }

    private static void Check(NetworkSpec spec, float[] parameters, RecurrentModel model)
    {
        const int Steps = 4, Batch = 3;
        var random = new Random(2);
        Dictionary<string, NamedArray> inputs = [];
        foreach (ModelPort port in model.Inputs)
        {
            int[] shape = port.Shape(Steps, Batch);
            double[] values = new double[shape.Aggregate(1, (product, size) => product * size)];
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = port.Kind == PortKind.Symbols ? random.Next(spec.Symbols) : random.NextDouble() - 0.5;
            }

            inputs.Add(port.Name, new NamedArray(shape, values));
        }

        var plain = new RecurrentModelOf(spec, parameters, model);
        Dictionary<string, NamedArray> expected = new OnnxRun(plain.Model, inputs).Infer();
        Dictionary<string, NamedArray> actual = new OnnxRun(model, inputs).Infer();
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        foreach ((string name, NamedArray array) in expected)
        {
            OnnxReaderCasesTests.Agree(name, array, actual[name], 0);
        }
    }

    // The network itself with the arrays of the file, whose names and axes only the file has.
    private sealed record RecurrentModelOf(NetworkSpec Spec, float[] Parameters, RecurrentModel Read)
    {
        public RecurrentModel Model => new(
            "m",
            "itself",
            Spec,
            [.. Spec.Parameters.Slots.ToArray().Select(slot => ParameterSource.Of(
                slot.Name, slot.In(Parameters.AsSpan()).ToArray(), slot.Rows, slot.Columns))])
        {
            Inputs = Read.Inputs,
            Outputs = Read.Outputs,
        };
    }
}
