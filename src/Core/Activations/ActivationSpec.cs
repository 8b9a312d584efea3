namespace SpanRnn.Core;

/// <summary>An activation with its parameters, where it has any.</summary>
/// <param name="Kind">The function.</param>
/// <param name="Alpha">α of the functions that have one.</param>
/// <param name="Beta">β of the functions that have one.</param>
public readonly record struct ActivationSpec(Activation Kind, double Alpha, double Beta)
{
    /// <summary>The function with the parameters that the ONNX standard gives it by default.</summary>
    /// <param name="kind">The function.</param>
    public static implicit operator ActivationSpec(Activation kind) => new(kind, 0, 0);
}
