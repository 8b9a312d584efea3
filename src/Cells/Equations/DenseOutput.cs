using System.Numerics;

namespace SpanRnn.Cells.Equations;

/// <summary>Output of a dense or an activation layer from its pre-activations: y = ν(φ(a)).</summary>
/// <param name="Activation">φ.</param>
/// <param name="Normalization">ν.</param>
internal readonly record struct DenseOutput(ActivationSpec Activation, Normalization Normalization)
{
    /// <summary>True if y = a.</summary>
    public bool IsLinear => Activation.Kind == ActivationKind.Identity && Normalization == Normalization.None;

    /// <summary>
    /// True if <see cref="Gradient"/> reads a. From y it knows the derivative of some φ only, and of none below a ν.
    /// </summary>
    public bool NeedsPreActivations => Activation.Kind != ActivationKind.Identity
        && (Activation.Kind > ActivationKind.Relu || Normalization != Normalization.None);

    /// <summary>y ← ν(φ(a)); y may be a.</summary>
    public void Apply<T>(ReadOnlySpan<T> a, Span<T> y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Activations.Apply(Activation, a, y);
        if (Normalization == Normalization.Softmax)
        {
            Activations.Softmax(y, y);
        }
        else if (Normalization == Normalization.LogSoftmax)
        {
            Activations.LogSoftmax(y, y);
        }
    }

    /// <summary>da ← ∂L/∂a; a is not read unless <see cref="NeedsPreActivations"/>.</summary>
    public void Gradient<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> y, ReadOnlySpan<T> dy, Span<T> da)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (Normalization == Normalization.None && !NeedsPreActivations)
        {
            Activations.Gradient(Activation.Kind, y, dy, da);
            return;
        }

        if (Normalization == Normalization.Softmax)
        {
            Activations.SoftmaxGradient(y, dy, da);
            dy = da;
        }
        else if (Normalization == Normalization.LogSoftmax)
        {
            Activations.LogSoftmaxGradient(y, dy, da);
            dy = da;
        }

        if (NeedsPreActivations)
        {
            Activations.GradientAt(Activation, a, dy, da);
        }
    }
}
