namespace SpanRnn;

/// <summary>What a <see cref="PoolLayer"/> takes from the steps of a sequence, feature by feature.</summary>
public enum Pooling
{
    /// <summary>The sum, divided by the number of steps.</summary>
    Mean,

    /// <summary>The largest number.</summary>
    Maximum,

    /// <summary>The sum.</summary>
    Sum,

    /// <summary>The number of the last step.</summary>
    Last,
}
