namespace SpanRnn.Core;

/// <summary>The learning rate of every step: a function of the step alone, so there is nothing to save.</summary>
public sealed class LearningRateSchedule
{
    /// <summary>Always α.</summary>
    public static LearningRateSchedule Constant(double rate) => throw new NotImplementedException();

    /// <summary>α·factor^⌊t / every⌋ (PyTorch's StepLR).</summary>
    public static LearningRateSchedule Step(double rate, long every, double factor) => throw new NotImplementedException();

    /// <summary>From α to the minimum along half a cosine over so many steps, then the minimum (Loshchilov and Hutter 2017).</summary>
    public static LearningRateSchedule Cosine(double rate, long steps, double minimum = 0) => throw new NotImplementedException();

    /// <summary>This schedule after a straight climb from α₀ / steps to α₀ over the first steps.</summary>
    public LearningRateSchedule WithWarmUp(long steps) => throw new NotImplementedException();

    /// <summary>α of step t, from 0 on.</summary>
    public double At(long step) => throw new NotImplementedException();
}
