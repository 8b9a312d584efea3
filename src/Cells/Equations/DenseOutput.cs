using System.Numerics;
using SpanRnn.Core;

namespace SpanRnn.Cells.Drivers;

/// <summary>What a dense layer makes of a row of pre-activations: y = ν(φ(a)).</summary>
/// <param name="Activation">φ.</param>
/// <param name="Normalisation">ν.</param>
internal readonly record struct DenseOutput(ActivationSpec Activation, Normalisation Normalisation)
{
    /// <summary>That of a dense layer.</summary>
    public static DenseOutput Of(LayerSpec layer) => new(layer.Activation, Normalisation.None);

    /// <summary>That of a head.</summary>
    public static DenseOutput Of(HeadSpec head) => new(head.Activation, head.Normalisation);

    /// <summary>y = a.</summary>
    public bool IsLinear => Activation.Kind == Core.Activation.Identity && Normalisation == Normalisation.None;

    /// <summary>Whether <see cref="Gradient"/> reads a: y does not tell the derivative of every φ, nor of any below a ν.</summary>
    public bool NeedsPreActivations => Activation.Kind != Core.Activation.Identity
        && (Activation.Kind > Core.Activation.Relu || Normalisation != Normalisation.None);

    /// <summary>y ← ν(φ(a)); y may be a.</summary>
    public void Apply<T>(ReadOnlySpan<T> a, Span<T> y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Activations.Apply(Activation, a, y);
        if (Normalisation == Normalisation.Softmax)
        {
            Activations.Softmax(y, y);
        }
        else if (Normalisation == Normalisation.LogSoftmax)
        {
            Activations.LogSoftmax(y, y);
        }
    }

    /// <summary>da ← ∂L/∂a; a is not read unless <see cref="NeedsPreActivations"/>.</summary>
    public void Gradient<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> y, ReadOnlySpan<T> dy, Span<T> da)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (Normalisation == Normalisation.None && !NeedsPreActivations)
        {
            Activations.Gradient(Activation.Kind, y, dy, da);
            return;
        }

        if (Normalisation == Normalisation.Softmax)
        {
            Activations.SoftmaxGradient(y, dy, da);
            dy = da;
        }
        else if (Normalisation == Normalisation.LogSoftmax)
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
