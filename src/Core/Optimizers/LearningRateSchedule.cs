using SpanRnn.Core;

namespace SpanRnn;

/// <summary>Learning rate of every step. It is a function of the step alone, so a saved run keeps no state of it.</summary>
public sealed class LearningRateSchedule
{
    private readonly Func<long, double> _rate;
    private readonly string _text;

    private LearningRateSchedule(Func<long, double> rate, FormattableString text)
    {
        _rate = rate;
        _text = FormattableString.Invariant(text);
    }

    /// <summary>Schedule with α at every step.</summary>
    /// <param name="rate">α, 0 or more.</param>
    /// <returns>The schedule.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="rate"/> is negative or not finite.</exception>
    public static LearningRateSchedule Constant(double rate)
    {
        Guard.NotNegative(rate);
        return new(_ => rate, $"constant {rate}");
    }

    /// <summary>Schedule α·factor^⌊t / every⌋, PyTorch's <c>StepLR</c>.</summary>
    /// <param name="rate">α, 0 or more.</param>
    /// <param name="every">Steps from one change to the next, 1 or more.</param>
    /// <param name="factor">Factor of a change, 0 or more and at most 1.</param>
    /// <returns>The schedule.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public static LearningRateSchedule Step(double rate, long every, double factor)
    {
        Guard.NotNegative(rate);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(every);
        Guard.NotNegative(factor);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(factor, 1);
        return new(step => rate * Math.Pow(factor, step / every), $"steps from {rate}, every {every} by {factor}");
    }

    /// <summary>
    /// Schedule from α to α₁ along half a cosine, then α₁: α₁ + (α − α₁)·(1 + cos(π·t / steps)) / 2 while t is below steps (Loshchilov
    /// and Hutter 2017, without restarts). PyTorch's <c>CosineAnnealingLR</c> in closed form.
    /// </summary>
    /// <param name="rate">α, 0 or more.</param>
    /// <param name="steps">Steps until α₁, 1 or more.</param>
    /// <param name="minimum">α₁, 0 or more and at most α.</param>
    /// <returns>The schedule.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public static LearningRateSchedule Cosine(double rate, long steps, double minimum = 0)
    {
        Guard.NotNegative(rate);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps);
        Guard.NotNegative(minimum);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minimum, rate);
        return new(
            step => step < steps ? minimum + ((rate - minimum) * (1 + Math.Cos(Math.PI * step / steps)) / 2) : minimum,
            $"cosine from {rate} to {minimum} over {steps}");
    }

    /// <summary>
    /// Linear climb, then this schedule from its start. The climb has (t + 1) / steps of the first rate of this schedule at each of its
    /// steps. PyTorch's <c>SequentialLR</c> of <c>LinearLR(start_factor=1/steps, total_iters=steps-1)</c> and the schedule.
    /// </summary>
    /// <param name="steps">Steps of the climb; 0 for no climb.</param>
    /// <returns>The new schedule.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="steps"/> is negative.</exception>
    public LearningRateSchedule WithWarmUp(long steps)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(steps);
        return steps == 0
            ? this
            : new(
                step => step < steps ? _rate(0) * ((step + 1) / (double)steps) : _rate(step - steps),
                $"{_text}, after {steps} of warm-up");
    }

    /// <summary>α of a step. Allocates nothing.</summary>
    /// <param name="step">t, from 0 on.</param>
    /// <returns>α, 0 or more.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="step"/> is negative.</exception>
    public double At(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        return _rate(step);
    }

    /// <summary>Kind and numbers of the schedule: the same text is the same schedule.</summary>
    public override string ToString() => _text;
}
