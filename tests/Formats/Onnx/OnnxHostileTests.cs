using System.Diagnostics;
using SpanRnn.Formats.Onnx;

namespace SpanRnn.Tests;

/// <summary>ONNX files that are broken or mean harm: each is refused in one sentence, quickly and without memory.</summary>
public class OnnxHostileTests
{
    private static readonly double[] _pair = [1, 2];

    private const int Hidden = 3;
    private const int Inputs = 2;

    [Fact]
    public void Every_truncation_is_refused()
    {
        byte[] bytes = Good().ToBytes();
        Assert.NotNull(ModelFile.Load(bytes, "m.onnx"));

        // The last field of the file is one that no reader uses.
        for (int length = 0; length < bytes.Length - 30; length++)
        {
            Assert.Throws<ModelFormatException>(() => ModelFile.Load(bytes.AsMemory(0, length), "m.onnx"));
        }
    }

    [Fact]
    public void Wire_formats_that_are_none_are_refused()
    {
        Refused("the key of a field is 11, expected a field from 1 with wire type 0, 1, 2 or 5", 0x0B);
        Refused("the key of a field is 12", 0x0C);
        Refused("the key of a field is 14", 0x0E);
        Refused("the key of a field is 2", 0x02, 0x00);
        Refused("the length of field 7 is 100, expected at most 1", 0x3A, 100, 0);
        Refused("the length of field 7 is 18446744073709551615", 0x3A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01);
        Refused("a number does not end", 0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF);
        Refused("field 7 has wire type 0, expected 2", 0x38, 1);
        Refused("the file ends within field 9, expected 8 bytes", 0x49, 1, 2);
        Refused("the file is empty");
        Refused("there is no graph", 0x08, 8);
    }

    [Fact]
    public void Tensors_that_are_not_in_the_file_are_refused()
    {
        Refused("has 4 bytes, expected 10000000000", Good(w: Big("W", 2_500_000_000)));
        Refused("has 0 numbers, expected 2500000000", Good(w: new ProtobufWriter().Add(1, 2_500_000_000).Add(2, 1).Add(8, "W")));
        Refused("a product of at most 2^38", Good(w: Big("W", long.MaxValue, 2)));
        Refused("a product of at most 2^38", Good(w: Big("W", 1L << 32, 1L << 32)));
        Refused("expected sizes of 0 or more", Good(w: Big("W", -1)));
        Refused("has more than 32 sizes", Good(w: Big("W", [.. Enumerable.Repeat(1L, 40)])));
        Refused("has the element type 8", Good(w: new ProtobufWriter().Add(1, 1).Add(2, 8).Add(8, "W")));
        Refused("is a segment", Good(w: new ProtobufWriter().Add(1, 1).Add(3, new ProtobufWriter().Add(1, 0)).Add(8, "W")));
        Refused("there is a sparse initializer", Good().Raw(15, new ProtobufWriter()));
    }

    [Fact]
    public void Tensors_that_operators_would_make_are_refused()
    {
        // A matrix of 12 million numbers from a file of some hundred bytes.
        Refused("takes more than", With(graph =>
        {
            string shape = graph.Integers(1, Hidden, 1L << 22);
            graph.Node("ConstantOfShape", [shape], ["W"]);
        }));
        Refused("a product of at most 2^38", With(graph => graph.Node("ConstantOfShape", [graph.Integers(1L << 30, 1L << 30)], ["W"])));
        Refused("takes more than", With(graph =>
        {
            string all = graph.Node("ConstantOfShape", [graph.Integers(1, 3, 1)]);
            string sum = graph.Node("Add", [graph.Node("Expand", [all, graph.Integers(1, 3, 1L << 30)]), all]);
            graph.Node("Identity", [sum], ["W"]);
        }));
        Refused("takes more than", With(graph => Doubled(graph, "Concat")));
        Refused("2^38", With(graph => Doubled(graph, "Tile")));
        Refused("takes more than", With(graph => graph.Node(
            "Cast", [graph.Node("Range", [Scalar(graph, 0), Scalar(graph, 1L << 36), Scalar(graph, 1)])], ["W"], ("to", 1L))));
        Refused("expected a range that ends", With(graph => graph.Node(
            "Cast", [graph.Node("Range", [Scalar(graph, 0), Scalar(graph, 5), Scalar(graph, 0)])], ["W"], ("to", 1L))));
    }

    [Fact]
    public void Graphs_that_are_none_are_refused()
    {
        Refused("expected nodes in the order of their values", With(graph => graph
            .Node("Identity", ["b"], ["a"])
            .Node("Identity", ["a"], ["b"])
            .Node("Identity", ["b"], ["W"])));
        Refused("node 'the_W' (Identity): uses 'W'", With(graph => graph.Node("Identity", ["W"], ["W"])));
        Refused("'W' is defined already", With(graph => graph
            .Node("Constant", [], ["W"], ("value", OnnxBuilder.Tensor("", [1], [1f])))
            .Node("Constant", [], ["W"], ("value", OnnxBuilder.Tensor("", [1], [1f])))));
        Refused("an initializer has the name 'W'", Good().Constant("W", [1], [1f]));
        Refused("two inputs have the name 'X'", Good().Input("X", 1));
        Refused("expected a graph without loops", With(graph => graph.Node("Loop", ["X"], ["W"])));
        Refused("the operator has the domain 'com.microsoft'", With(graph => graph.Raw(
            1, new ProtobufWriter().Add(2, "W").Add(4, "Identity").Add(7, "com.microsoft"))));
        Refused("a node has no operator", Good().Raw(1, new ProtobufWriter().Add(2, "Z")));
        Refused("an input or output has no name", Good().Raw(11, new ProtobufWriter()));
        Refused("there are two graphs", [.. Good().ToBytes(), .. Good().ToBytes()]);
        Refused("the opset is 6", new OnnxBuilder { Opset = 6 });
        Refused("the opset is 99", new OnnxBuilder { Opset = 99 });
        Refused("the graph has no outputs", new OnnxBuilder());
        Refused("output 'nothing' is not the output of a node", Good().Output("nothing"));
    }

    [Fact]
    public void Deep_subgraphs_are_refused()
    {
        Assert.NotNull(ModelFile.Load(With(graph => Nested(graph, 15)).ToBytes(), "m.onnx"));
        Refused("subgraphs are more than 16 deep", With(graph => Nested(graph, 17)));
        Refused("subgraphs are more than 16 deep", With(graph => Nested(graph, 200)));
    }

    [Fact]
    public void Many_parts_are_refused()
    {
        // Two bytes a part: 1.2 million empty attributes.
        byte[] empty = [.. Enumerable.Repeat(new byte[] { 0x2A, 0x00 }, 1_200_000).SelectMany(two => two)];
        byte[] node = [.. new ProtobufWriter().Add(2, "Z").Add(4, "Identity").ToArray(), .. empty];

        Refused("there are more than 1048576 nodes", new ProtobufWriter().Add(7, new ProtobufWriter().Add(1, node)).ToArray());
    }

    [Fact]
    public void Long_chains_take_linear_time()
    {
        const int Nodes = 20_000;
        OnnxBuilder model = With(graph =>
        {
            graph.Constant("v", [1, Hidden, Inputs], new float[Hidden * Inputs]);
            string last = "v";
            for (int i = 0; i < Nodes; i++)
            {
                last = graph.Node("Identity", [last]);
            }

            graph.Node("Identity", [last], ["W"]);
        });

        Assert.NotNull(ModelFile.Load(model.ToBytes(), "m.onnx"));
    }

    [Theory]
    [InlineData("../weights", "expected a file in the folder of the model")]
    [InlineData("a/../../weights", "expected a file in the folder of the model")]
    [InlineData("/etc/passwd", "expected a file in the folder of the model")]
    [InlineData("C:\\weights", "expected a file in the folder of the model")]
    [InlineData("", "expected a file in the folder of the model")]
    [InlineData("link", "which is a link to outside the folder of the model")]
    [InlineData("links/weights", "which is a link to outside the folder of the model")]
    [InlineData("circle", "expected a file that can be read")]
    [InlineData("missing", "expected a file that can be read")]
    [InlineData("folder", "expected a file that can be read")]
    [InlineData("short", "is 24 bytes from 0 of 'short', which has 4")]
    public void External_data_stays_in_the_folder_of_the_model(string location, string expected)
    {
        using var outside = new TemporaryFolder();
        using var folder = new TemporaryFolder();
        byte[] weights = new byte[Hidden * Inputs * sizeof(float)];
        File.WriteAllBytes(outside.File("weights"), weights);
        File.WriteAllBytes(folder.File("weights"), weights);
        File.WriteAllBytes(folder.File("short"), new byte[4]);
        Directory.CreateDirectory(folder.File("folder"));
        File.CreateSymbolicLink(folder.File("link"), outside.File("weights"));
        Directory.CreateSymbolicLink(folder.File("links"), outside.Path);
        File.CreateSymbolicLink(folder.File("circle"), folder.File("circle"));
        File.CreateSymbolicLink(folder.File("inside"), folder.File("weights"));
        string path = folder.File("m.onnx");

        foreach (string good in new[] { "weights", "inside", "./weights"[2..] })
        {
            File.WriteAllBytes(path, External(good).ToBytes());
            Assert.NotNull(ModelFile.Load(path));
        }

        File.WriteAllBytes(path, External(location).ToBytes());
        ModelFormatException e = Assert.Throws<ModelFormatException>(() => ModelFile.Load(path));

        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void External_data_needs_a_folder_and_sizes_that_fit()
    {
        Refused("which was not read from a folder", External("weights"));
        Refused("expected 24 bytes for the shape [1, 3, 2] at an offset of 0 or more", External("weights", ("offset", "-1")));
        Refused("expected 24 bytes for the shape [1, 3, 2] at an offset of 0 or more", External("weights", ("length", "10000000000")));
        Refused("expected 24 bytes for the shape [1, 3, 2] at an offset of 0 or more", External("weights", ("offset", "much")));
    }

    [Fact]
    public void Names_are_shown_without_what_a_terminal_would_obey() =>
        Assert.DoesNotContain(
            Assert.Throws<ModelFormatException>(() => ModelFile.Load(
                With(graph => graph.Node("\u001b[31mRed", ["X"], ["W"])).ToBytes(), "m.onnx")).Message,
            c => char.IsControl(c));

    private static OnnxBuilder External(string location, params (string Key, string Value)[] more)
    {
        ProtobufWriter w = new ProtobufWriter().Add(1, 1).Add(1, Hidden).Add(1, Inputs).Add(2, 1).Add(8, "W").Add(14, 1);
        foreach ((string key, string value) in more.Append(("location", location)))
        {
            w.Add(13, new ProtobufWriter().Add(1, key).Add(2, value));
        }

        return Good(w);
    }

    private static ProtobufWriter Big(string name, params long[] shape)
    {
        var tensor = new ProtobufWriter();
        foreach (long size in shape)
        {
            tensor.Add(1, size);
        }

        return tensor.Add(2, 1).Add(8, name).Add(9, new byte[4]);
    }

    private static string Scalar(OnnxBuilder graph, long value) => graph.Node("Constant", [], ("value_int", value));

    private static void Doubled(OnnxBuilder graph, string op)
    {
        string last = graph.Node("Constant", [], ("value_floats", _pair));
        string two = op == "Tile" ? graph.Integers(2) : string.Empty;
        for (int i = 0; i < 60; i++)
        {
            last = op == "Tile" ? graph.Node("Tile", [last, two]) : graph.Node("Concat", [last, last], ("axis", 0L));
        }

        graph.Node("Identity", [last], ["W"]);
    }

    private static void Nested(OnnxBuilder graph, int depth)
    {
        graph.Constant(OnnxBuilder.Tensor("yes", [], 9, [1]));
        var inner = new OnnxBuilder();
        inner.Node("Constant", [], ["w0"], ("value", OnnxBuilder.Tensor("", [1, Hidden, Inputs], new float[Hidden * Inputs])));
        inner.Output("w0");
        for (int i = 1; i < depth; i++)
        {
            var outer = new OnnxBuilder();
            outer.Node("If", ["yes"], [$"w{i}"], ("then_branch", inner), ("else_branch", new OnnxBuilder()));
            inner = outer.Output($"w{i}");
        }

        graph.Node("If", ["yes"], ["W"], ("then_branch", inner), ("else_branch", new OnnxBuilder()));
    }

    private static OnnxBuilder Good(ProtobufWriter? w = null) =>
        With(graph => graph.Constant(w ?? OnnxBuilder.Tensor("W", [1, Hidden, Inputs], new float[Hidden * Inputs])));

    /// <summary>An RNN whose W the caller makes.</summary>
    private static OnnxBuilder With(Action<OnnxBuilder> w)
    {
        var graph = new OnnxBuilder();
        graph.Constant("R", [1, Hidden, Hidden], new float[Hidden * Hidden]);
        graph.Input("X", -1, -1, -1);
        w(graph);
        graph.Node("RNN", ["X", "W", "R"], ["Y", "Y_h"], ("hidden_size", (long)Hidden));
        return graph.Output("Y");
    }

    [Fact]
    public void More_layers_than_a_network_has_are_refused()
    {
        OnnxBuilder graph = new OnnxBuilder().Input("x", -1, -1, 1).Output("y1001");
        graph.Constant("W", [1, 1, 1], [1f]).Constant("R", [1, 1, 1], [1f]);
        graph.Node("Identity", ["x"], ["y0"]);
        for (int i = 0; i < 1001; i++)
        {
            graph.Node("RNN", [$"y{i}", "W", "R"], [$"Y{i}"]);
            graph.Node("Squeeze", [$"Y{i}", "axis"], [$"y{i + 1}"]);
        }

        Refused("its layers are not a network", graph.Constant("axis", [1L]));
    }

    [Fact]
    public void A_thousand_parts_of_constants_are_joined_once()
    {
        OnnxBuilder graph = new OnnxBuilder().Constant("c", [100], new float[100]).Output("sum");
        string[] parts = [.. Enumerable.Repeat("c", 10_000)];
        string last = graph.Node("Concat", parts, ("axis", 0L));
        for (int i = 0; i < 100; i++)
        {
            last = graph.Node("Add", [last, last]);
        }

        graph.Node("Identity", [last], ["sum"]);
        Refused("expected at most 4 for each byte of the file", graph);
    }

    private static void Refused(string expected, OnnxBuilder model) => Refused(expected, model.ToBytes());

    private static void Refused(string expected, params byte[] bytes)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        ModelFormatException e = Assert.Throws<ModelFormatException>(() => ModelFile.Load(bytes, "m.onnx"));
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.StartsWith("m.onnx: ", e.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", e.Message, StringComparison.Ordinal);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.True(allocated < (16 << 20) + (100L * bytes.Length), $"{allocated} bytes for a file of {bytes.Length}: {e.Message}");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"It took {watch.Elapsed}: {e.Message}");
    }
}
