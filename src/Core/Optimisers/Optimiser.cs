using System.Numerics;

namespace SpanRnn.Core;

/// <summary>What moves the parameters once their gradients are known.</summary>
/// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
public abstract class Optimiser<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>α, 0 or more; may change from step to step.</summary>
    public double LearningRate { get; set; } = 1e-3;

    /// <summary>t: how many steps were taken; set it with the moments to continue a saved run.</summary>
    public long Steps { get; set; }

    /// <summary>Numbers of the flat parameter buffer.</summary>
    public abstract int Length { get; }

    /// <summary>What each of the moments is called in a file.</summary>
    public abstract ReadOnlySpan<string> MomentNames { get; }

    /// <summary>One of the moments, [Length]: all that the optimiser remembers beside <see cref="Steps"/>.</summary>
    /// <param name="index">Its index in <see cref="MomentNames"/>.</param>
    public abstract Span<T> Moment(int index);

    /// <summary>Takes one step. Allocates nothing.</summary>
    /// <param name="parameters">[Length] in and out.</param>
    /// <param name="gradients">[Length] in.</param>
    public abstract void Step(Span<T> parameters, ReadOnlySpan<T> gradients);
}
