namespace SpanRnn;

/// <summary>Kind of a <see cref="PoolLayer"/>: the number that it takes from the steps of a sequence, feature by feature.</summary>
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
