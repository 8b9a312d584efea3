using System.Text;
using SpanRnn.Formats;

namespace SpanRnn.Tests;

/// <summary>Damaged models of RTNeural, NAM and Keras.</summary>
public class ModelFuzzTests
{
    private const string Lstm =
        """{"type":"lstm","activation":"tanh","shape":[null,null,1],"weights":[[[1,2,3,4]],[[5,6,7,8]],[9,10,11,12]]}""";

    private const string Keras = """
        {"module":"keras","class_name":"Functional","config":{"layers":[{"class_name":"InputLayer","config":{"batch_shape":[null,null,1],
        "name":"i"},"inbound_nodes":[]},{"class_name":"Bidirectional","config":{"name":"b","merge_mode":"concat","layer":{"class_name":"LSTM",
        "config":{"name":"f","units":1,"activation":"tanh","recurrent_activation":"hard_sigmoid","return_sequences":true}}},"inbound_nodes":
        [{"args":[{"class_name":"__keras_tensor__","config":{"keras_history":["i",0,0]}}],"kwargs":{"training":false}}]},{"class_name":
        "Dense","config":{"name":"d","units":1,"activation":"relu"},"inbound_nodes":[[["b",0,0,{}]]]}],"output_layers":["d",0,0]}}
        """;

    [Fact]
    public void A_damaged_model_of_RTNeural_is_read_or_refused() => BothOutcomes(
        FormatFuzz.Run(
            bytes => Read(bytes, "m.json"),
            FormatFuzz.Files,
            Text("""{"in_shape":[null,null,1],"samplerate":48000,"in_skip":1,"layers":[""" + Lstm
                + """,{"type":"dense","activation":"elu","shape":[1],"weights":[[[1]],[2]]}]}"""),
            Text("""{"gru.weight_ih_l0":[[1],[2],[3]],"gru.weight_hh_l0":[[1],[2],[3]],"out.weight":[[1]],"out.bias":[2]}"""),
            Text("""{"model_data":{"skip":0,"hidden_size":1},"state_dict":{"rec.weight_ih_l0":[[1]],"rec.weight_hh_l0":[[2]]}}""")));

    [Fact]
    public void A_damaged_model_of_NAM_is_read_or_refused() => BothOutcomes(
        FormatFuzz.Run(
            bytes => Read(bytes, "m.nam"),
            FormatFuzz.Files,
            Text("""
                {"version":"0.5.4","architecture":"LSTM","config":{"input_size":1,"hidden_size":1,"num_layers":1},"sample_rate":48000,
                "metadata":{"name":"n","date":{"year":2024}},"weights":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]}
                """)));

    [Fact]
    public void A_damaged_model_of_Keras_is_read_or_refused()
    {
        int refused = FormatFuzz.Run(text => ReadKeras(Encoding.UTF8.GetString(text)), FormatFuzz.Files, Text(Keras));

        BothOutcomes(refused);
        ReadKeras(Keras);
    }

    private static void BothOutcomes(int refused) =>
        Assert.InRange(refused, FormatFuzz.Files / 3, FormatFuzz.Files - (FormatFuzz.Files / 100));

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static void Read(byte[] bytes, string name) => _ = RecurrentModel.From(bytes, name).ReadParameters<float>();

    // The header of the file has tests of its own; here it is the text in it that is damaged.
    private static void ReadKeras(string text)
    {
        var writer = new SafetensorsWriter();
        writer.Metadata["keras"] = text;
        int[][] shapes = [[1, 4], [1, 4], [4], [1, 4], [1, 4], [4]];
        for (int i = 0; i < shapes.Length; i++)
        {
            writer.Add<float>($"b.{i}", shapes[i], new float[4]);
        }

        writer.Add<float>("d.0", [2, 1], new float[2]);
        writer.Add<float>("d.1", [1], new float[1]);
        _ = RecurrentModel.From(SafetensorsFile.Parse(writer.ToBytes(), "m")).ReadParameters<float>();
    }
}
