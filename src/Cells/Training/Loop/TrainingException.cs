namespace SpanRnn;

/// <summary>
/// Training cannot go on. Either a loss or a gradient is NaN or infinite, and the parameters are those before the step, or those
/// of the best epoch where training was <see cref="Trainer{T}.Fit"/>; or a parameter is NaN or infinite, and the run is not worth saving.
/// </summary>
public sealed class TrainingException : Exception
{
    /// <summary>Makes an exception for a step and a tensor.</summary>
    public TrainingException(string message, long step, string tensor)
        : base(message)
    {
        Step = step;
        Tensor = tensor;
    }

    /// <summary>The step, from 0 on.</summary>
    public long Step { get; }

    /// <summary>"loss", "gradients" for their norm, or the name of the parameter that is not finite or whose gradient is not.</summary>
    public string Tensor { get; }
}
