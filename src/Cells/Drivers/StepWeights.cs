using System.Numerics;

namespace SpanRnn.Cells.Drivers;

/// <summary>What a step multiplies h by.</summary>
internal readonly ref struct StepWeights<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>The rows of U whose product enters plainly.</summary>
    public required RightSide<T> Plain { get; init; }

    /// <summary>The rows of U of a last gate whose product does not; of no use to other cells.</summary>
    public required RightSide<T> LastGate { get; init; }

    /// <summary>The projection of a layer that has one.</summary>
    public required RightSide<T> Projection { get; init; }
}
