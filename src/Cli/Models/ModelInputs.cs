namespace SpanRnn.Cli.Models;

/// <summary>A model with its inputs.</summary>
/// <param name="Paths">The files that are read, that of the model first.</param>
/// <param name="Model">The model. ONNX weights that are given as inputs are part of it.</param>
/// <param name="Arrays">The array of each input that is given, by the name of the input; x is among them.</param>
/// <param name="BatchFirst">True if the batch comes first in x, y and the gradient of y.</param>
internal sealed record ModelInputs(string[] Paths, RecurrentModel Model, Dictionary<string, NpyArray> Arrays, bool BatchFirst);
