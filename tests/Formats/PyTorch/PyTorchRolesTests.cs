using SpanRnn.Formats.Safetensors;

namespace SpanRnn.Tests;

/// <summary>Modules beside a recurrent one of a state_dict: a table, a head, or a dense layer in front, which is refused.</summary>
public class PyTorchRolesTests
{
    /// <summary>Whatever the cell, a dense layer in front is never read as the head.</summary>
    [Theory]
    [InlineData("pre")]
    [InlineData("proj")]
    [InlineData("input_proj")]
    [InlineData("inputLayer")]
    [InlineData("embed")]
    [InlineData("in_layer")]
    [InlineData("fc_in")]
    [InlineData("encoder")]
    [InlineData("feature.0")]
    public void A_dense_layer_in_front_is_refused(string name)
    {
        foreach ((int gates, int inputs, int hidden, int directions, int layers) in
            new[] { (4, 5, 5, 1, 1), (3, 5, 5, 1, 2), (1, 4, 6, 1, 1), (4, 4, 3, 2, 2), (3, 6, 3, 2, 1) })
        {
            List<(string, int[])> tensors = Recurrent(gates, inputs, hidden, directions, layers);
            tensors.AddRange([($"{name}.weight", [inputs, hidden * directions]), ($"{name}.bias", [inputs])]);

            Refuses(tensors, $"'{name}' [{inputs}, {hidden * directions}]", "metadata entry 'spanrnn'");
        }
    }

    /// <summary>A head of as many outputs as the network has inputs.</summary>
    [Theory]
    [InlineData("out", true)]
    [InlineData("fc", true)]
    [InlineData("linear", false)]
    [InlineData("decoder", true)]
    [InlineData("out_proj", false)]
    [InlineData("predict", true)]
    public void A_head_of_the_size_of_the_input_is_one(string name, bool bias)
    {
        foreach ((int inputs, int hidden) in new[] { (3, 5), (5, 5), (1, 4) })
        {
            List<(string, int[])> tensors = Recurrent(4, inputs, hidden, 1, 1);
            tensors.Add(($"{name}.weight", [inputs, hidden]));
            if (bias)
            {
                tensors.Add(($"{name}.bias", [inputs]));
            }

            RecurrentModel model = ModelFile.Load(File(tensors));

            Assert.Equal(new DenseLayer(inputs) { Bias = bias }, model.Spec.Layers[^1]);
            Assert.Null(model.Spec.Embedding);
        }
    }

    /// <summary>The bias tells the decoder from the encoder; without it the names do. One of two tied ones may be missing.</summary>
    [Theory]
    [InlineData("encoder", "decoder", true, false)]
    [InlineData("encoder", "decoder", false, false)]
    [InlineData("encoder", "decoder", true, true)]
    [InlineData("a", "b", true, false)]
    public void A_word_language_model_is_read(string table, string head, bool bias, bool tied)
    {
        List<(string, int[])> tensors = Recurrent(4, 6, 6, 1, 2);
        tensors.Add(($"{head}.weight", [13, 6]));
        if (bias)
        {
            tensors.Add(($"{head}.bias", [13]));
        }

        if (!tied)
        {
            tensors.Add(($"{table}.weight", [13, 6]));
        }

        RecurrentModel model = ModelFile.Load(File(tensors, tied ? ($"{table}.weight", $"{head}.weight") : null));

        Assert.Equal(new EmbeddingSpec(13, 6), model.Spec.Embedding);
        Assert.Equal(new DenseLayer(13) { Bias = bias }, model.Spec.Layers[^1]);
        Assert.Equal($"{table}.weight", model.Sources[0].Name);
    }

    [Fact]
    public void All_candidates_are_named() => Refuses(
        [.. Recurrent(4, 3, 5, 1, 1), ("fc1.weight", [4, 5]), ("fc1.bias", [4]), ("fc2.weight", [2, 4]), ("fc2.bias", [2])],
        "'fc1' [4, 5], 'fc2' [2, 4]",
        "metadata entry 'spanrnn'");

    [Fact]
    public void A_normalization_is_called_one()
    {
        Refuses([.. Recurrent(3, 3, 5, 1, 1), ("norm.weight", [5]), ("norm.bias", [5])], "'norm.weight'", "normalization");
        Refuses([.. Recurrent(3, 3, 5, 1, 1), ("bn.running_mean", [5])], "'bn.running_mean'", "batch normalization");
    }

    private static void Refuses(List<(string, int[])> tensors, params string[] expected)
    {
        string message = Assert.Throws<ModelFormatException>(() => ModelFile.Load(File(tensors))).Message;
        Assert.All(expected, words => Assert.Contains(words, message, StringComparison.Ordinal));
    }

    private static SafetensorsFile File(List<(string Name, int[] Shape)> tensors, (string Name, string Kept)? tied = null)
    {
        var writer = new SafetensorsWriter();
        if (tied is { } pair)
        {
            writer.Metadata[pair.Name] = pair.Kept;
        }

        foreach ((string name, int[] shape) in tensors)
        {
            writer.Add<float>(name, shape, new float[shape.Aggregate(1, (product, size) => product * size)]);
        }

        return SafetensorsFile.Parse(writer.ToBytes(), "m");
    }

    private static List<(string Name, int[] Shape)> Recurrent(int gates, int inputs, int hidden, int directions, int layers)
    {
        List<(string, int[])> tensors = [];
        for (int layer = 0; layer < layers; layer++)
        {
            for (int direction = 0; direction < directions; direction++)
            {
                string end = $"_l{layer}{(direction > 0 ? "_reverse" : "")}";
                tensors.Add(($"rnn.weight_ih{end}", [gates * hidden, layer == 0 ? inputs : hidden * directions]));
                tensors.Add(($"rnn.weight_hh{end}", [gates * hidden, hidden]));
            }
        }

        return tensors;
    }
}
