namespace SpanRnn.Formats.Onnx;

/// <content>Activations of dense layers and activations alone, as nodes.</content>
internal static partial class OnnxWriter
{
    // Several nodes where operator set 17 has no operator: Mish came with 18, Gelu with 20.
    private static string Activate(OnnxGraphWriter graph, string name, ActivationSpec activation, string x)
    {
        switch (activation.Kind)
        {
            case ActivationKind.Identity:
                return x;
            case ActivationKind.Affine:
                return Binary("Add", "activation", Scaled("scaled", x, activation.Alpha), Number("beta", activation.Beta));
            case ActivationKind.ScaledTanh:
                return Scaled("activation", Unary("Tanh", "tanh", Scaled("scaled", x, activation.Beta)), activation.Alpha);
            case ActivationKind.Clip:
                return graph.Add("Clip", $"{name}.activation", [x, Number("least", activation.Alpha), Number("most", activation.Beta)]);
            case ActivationKind.Silu:
                return Binary("Mul", "activation", x, Unary("Sigmoid", "sigmoid", x));
            case ActivationKind.Mish:
                return Binary("Mul", "activation", x, Unary("Tanh", "tanh", Unary("Softplus", "softplus", x)));
            case ActivationKind.Gelu:
                return Half(Unary("Erf", "erf", Scaled("scaled", x, Math.Sqrt(0.5))));
            case ActivationKind.GeluTanh:
                // √(2/π)·(1 + 0.044715·x²)·x
                double slope = Math.Sqrt(2 / Math.PI);
                string cubic = Scaled("scaled", Binary("Mul", "square", x, x), 0.044715 * slope);
                string factor = Binary("Add", "factor", cubic, Number("slope", slope));
                return Half(Unary("Tanh", "tanh", Binary("Mul", "argument", x, factor)));
            case var kind when activation.HasBeta:
                return graph.Add(
                    kind.ToString(),
                    $"{name}.activation",
                    [x],
                    OnnxGraphWriter.Attribute("alpha", activation.Alpha),
                    OnnxGraphWriter.Attribute("beta", activation.Beta));
            case var kind when activation.HasAlpha:
                return graph.Add(kind.ToString(), $"{name}.activation", [x], OnnxGraphWriter.Attribute("alpha", activation.Alpha));
            default:
                return Unary(activation.Kind.ToString(), "activation", x);
        }

        // x/2·(1 + f)
        string Half(string f) => Binary("Mul", "activation", Scaled("half", x, 0.5), Binary("Add", "raised", f, Number("one", 1)));

        string Scaled(string what, string value, double factor) => Binary("Mul", what, value, Number($"{what}.factor", factor));

        string Unary(string operation, string what, string value) => graph.Add(operation, $"{name}.{what}", [value]);

        string Binary(string operation, string what, string first, string second) =>
            graph.Add(operation, $"{name}.{what}", [first, second]);

        string Number(string what, double value) => graph.Constant($"{name}.{what}", [(float)value]);
    }
}
