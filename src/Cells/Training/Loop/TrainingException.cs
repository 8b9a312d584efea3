namespace SpanRnn;

/// <summary>
/// Training cannot go on: a loss or a gradient is NaN or infinite, and the parameters are those before the step; or a parameter is, so
/// that the run is not worth saving.
/// </summary>
public sealed class TrainingException : Exception
{
    /// <summary>Says at which step and in which tensor.</summary>
    public TrainingException(string message, long step, string tensor)
        : base(message)
    {
        Step = step;
        Tensor = tensor;
    }

    /// <summary>The step, from 0 on.</summary>
    public long Step { get; }

    /// <summary>"loss", or the name of the parameter that it is or whose gradient it is.</summary>
    public string Tensor { get; }
}
