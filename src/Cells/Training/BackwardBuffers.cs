using System.Numerics;
using SpanRnn.Cells.Training;

namespace SpanRnn;

/// <summary>Gradients that enter and leave <see cref="Network{T}.Backward"/>, in the caller's memory.</summary>
/// <remarks>
/// No member that is written shares memory with another member or with another argument of the call. <see cref="DState"/> alone enters and
/// leaves in one place.
/// </remarks>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public readonly ref struct BackwardBuffers<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>∂L/∂y in: [T, N, O], not read beyond a sequence's length; [N, O] if Spec.IsManyToOne.</summary>
    public required ReadOnlySpan<T> Dy { get; init; }

    /// <summary>
    /// [StateLength(N)] in and out: enters as ∂L/∂(final state), zeros where the loss does not depend on it, and leaves as
    /// ∂L/∂(initial state).
    /// </summary>
    public required Span<T> DState { get; init; }

    /// <summary>[T, N, I] out: ∂L/∂x, zeros beyond a sequence's length; empty, as it is unless it is set, if it is not needed.</summary>
    public Span<T> Dx { get; init; }

    /// <summary>[Spec.Parameters.Length] added to: ∂L/∂parameters.</summary>
    public required Span<T> Gradients { get; init; }

    /// <summary>
    /// [layers, T] out: ‖∂L/∂h‖ of each layer and step, over batch and directions; empty, as it is unless it is set, if it is not needed. A
    /// layer that is not recurrent has ‖∂L/∂y‖ of its output, or 0 if that is one row per sequence and thus has no steps.
    /// </summary>
    public Span<double> StepNorms { get; init; }

    /// <summary>The masks of that forward; null for none.</summary>
    internal Dropout<T>? Dropout { get; init; }
}
