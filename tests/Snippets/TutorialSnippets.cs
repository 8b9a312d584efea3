using System.Numerics.Tensors;
using SpanRnn.Tasks;

namespace SpanRnn.Tests;

/// <summary>Examples of docs/tutorial.md; its commands are run by <see cref="TutorialTests"/>.</summary>
[Trait("Category", "Simd")]
public class TutorialSnippets
{
    [Fact]
    public void ThreeGByHand()
    {
        using var folder = new TemporaryFolder();
        (string path, string modelPath) = (folder.File("g.csv"), folder.File("three-g.safetensors"));
        Write(path, MadeSequences.AtLeast(100, 'G', 3, 1));

        // snippet: three-g
        var task = SequenceTask.Of(SequenceFile.Load(path)); // letters A, C, G, T; labels no, yes
        var counter = new RecurrentLayer(CellKind.Elman, 3) { Activation = ActivationKind.HardStep };
        var spec = new NetworkSpec(4, counter, new FinalStateLayer(), new DenseLayer(2));
        float[] parameters = new float[spec.Parameters.Length];
        Set(0, ParameterRole.InputWeights, 0, 0, 1, 0, /**/ 0, 0, 1, 0, /**/ 0, 0, 1, 0); // a row for each unit: A, C, G, T
        Set(0, ParameterRole.RecurrentWeights, 1, 0, 0, /**/ 1, 2, 0, /**/ 0, 1, 2); // a row for each unit: q1, q2, q3
        Set(0, ParameterRole.InputBias, 0, -1, -1);
        Set(2, ParameterRole.InputWeights, 0, 0, -10, /**/ 0, 0, 10); // no, yes
        Set(2, ParameterRole.InputBias, 5, -5);
        new SequenceModel(task, spec, parameters).Save(modelPath);

        void Set(int layer, ParameterRole role, params ReadOnlySpan<float> values) =>
            values.CopyTo(spec.Slot(layer, Direction.Forward, role)!.In(parameters.AsSpan()));
        // end

        Assert.Equal(File.ReadAllBytes(Repository.PathOf("docs", "tutorial", "three-g.safetensors")), File.ReadAllBytes(modelPath));

        // The states that the page shows for GATTGAG.
        const string Letters = "GATTGAG";
        string[] beginnings = [.. Enumerable.Range(1, Letters.Length).Select(length => Letters[..length])];
        float[] states = new float[3 * beginnings.Length];
        new SequenceEncoder(SequenceModel.Load(modelPath)).Encode(beginnings, states);
        Assert.Equal("100 100 100 100 110 110 111", string.Join(' ', states.Chunk(3).Select(row => string.Concat(row))));
    }

    [Fact]
    public void Nearest()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("unseen.csv");
        Write(path, MadeSequences.AtLeast(100, 'G', 3, 2));
        string modelPath = Repository.PathOf("docs", "tutorial", "three-g.safetensors");
        var file = SequenceFile.Load(path);
        int own = 0;

        // snippet: nearest
        var encoder = new SequenceEncoder(SequenceModel.Load(modelPath));
        float[] vectors = new float[file.Records.Count * encoder.Size];
        encoder.Encode(file, vectors);
        float[][] rows = [.. vectors.Chunk(encoder.Size)];
        float[] nearest = rows.Where(row => row != rows[own]).MinBy(row => TensorPrimitives.Distance<float>(row, rows[own]))!;
        // end

        Assert.Equal(file.Records[own].Label, file.Records[Array.IndexOf(rows, nearest)].Label);
    }

    private static void Write(string path, SequenceRecord[] records)
    {
        using StreamWriter writer = File.CreateText(path);
        SequenceTable.Write(writer, records);
    }
}
