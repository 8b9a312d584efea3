namespace SpanRnn.Tests;

public class LearningRateScheduleTests
{
    [Fact]
    public void Rates_are_PyTorchs()
    {
        Agrees("step", LearningRateSchedule.Step(0.5, 7, 0.3));
        Agrees("cosine", LearningRateSchedule.Cosine(0.5, 24, 0.02));
        Agrees("warm_up_then_step", LearningRateSchedule.Step(0.5, 7, 0.3).WithWarmUp(5));
    }

    [Fact]
    public void Ends_are_exact()
    {
        Assert.Equal(0.25, LearningRateSchedule.Constant(0.25).At(0));
        Assert.Equal(0.25, LearningRateSchedule.Constant(0.25).At(long.MaxValue));
        var cosine = LearningRateSchedule.Cosine(0.5, 10, 0.125);
        Assert.Equal([0.5, 0.3125, 0.125, 0.125], new long[] { 0, 5, 10, long.MaxValue }.Select(cosine.At));
        LearningRateSchedule warm = cosine.WithWarmUp(4);
        Assert.Equal([0.125, 0.25, 0.375, 0.5, 0.5, 0.3125], new long[] { 0, 1, 2, 3, 4, 9 }.Select(warm.At));
        Assert.Equal(0, LearningRateSchedule.Step(1, 1, 0.1).At(long.MaxValue));
        Assert.Same(cosine, cosine.WithWarmUp(0));
    }

    [Fact]
    public void The_text_says_kind_and_numbers()
    {
        Assert.Equal("constant 0.001", LearningRateSchedule.Constant(1e-3).ToString());
        Assert.Equal("steps from 0.1, every 7 by 0.5", LearningRateSchedule.Step(0.1, 7, 0.5).ToString());
        Assert.Equal("cosine from 0.1 to 0 over 9, after 3 of warm-up", LearningRateSchedule.Cosine(0.1, 9).WithWarmUp(3).ToString());
    }

    [Fact]
    public void Wrong_numbers_are_refused()
    {
        var constant = LearningRateSchedule.Constant(1);
        foreach ((string name, Action call) in new (string, Action)[]
        {
            ("rate", () => LearningRateSchedule.Constant(double.NaN)),
            ("rate", () => LearningRateSchedule.Step(-1, 1, 1)),
            ("every", () => LearningRateSchedule.Step(1, 0, 1)),
            ("factor", () => LearningRateSchedule.Step(1, 1, 1.5)),
            ("factor", () => LearningRateSchedule.Step(1, 1, double.NaN)),
            ("rate", () => LearningRateSchedule.Cosine(double.PositiveInfinity, 1)),
            ("steps", () => LearningRateSchedule.Cosine(1, 0)),
            ("minimum", () => LearningRateSchedule.Cosine(1, 1, 1.5)),
            ("steps", () => constant.WithWarmUp(-1)),
            ("step", () => constant.At(-1)),
        })
        {
            Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(call).ParamName);
        }
    }

    private static void Agrees(string name, LearningRateSchedule schedule)
    {
        var file = SafetensorsFile.Load(Repository.PathOf("tests", "Data", "optimisers.safetensors"));
        double[] expected = new double[25];
        file.Tensors.Single(tensor => tensor.Name == name).CopyTo<double>(expected);
        for (int t = 0; t < expected.Length; t++)
        {
            double rate = schedule.At(t);
            Assert.True(Math.Abs(rate - expected[t]) <= 1e-15, $"{name}: rate {t} is {rate:r}, expected {expected[t]:r}.");
        }
    }
}
