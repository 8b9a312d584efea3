using SpanRnn.Formats.Json;

namespace SpanRnn.Formats.RtNeural;

/// <summary>Connection around the network: "in_skip" of AIDA-X, "skip" of "model_data".</summary>
internal static class RtNeuralSkip
{
    /// <summary>Reads how many numbers of the input are added to the outputs.</summary>
    public static int Read(JsonPart skip, int inputs, int outputs) => skip.Integer(0) is int count && count <= Math.Min(inputs, outputs)
        ? count
        : throw skip.Wrong($"0 to {Math.Min(inputs, outputs)}, the smaller of inputs and outputs");
}
