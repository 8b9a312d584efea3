using System.CommandLine;
using SpanRnn.Cli.CommandLine;

namespace SpanRnn.Cli.Train;

/// <summary>Option --schedule: a schedule for a rate that another option gives, or null for a rate below its minimum.</summary>
internal static class ScheduleOption
{
    private const string Name = "--schedule";

    public static Option<Func<double, LearningRateSchedule?>> Create() => new(Name)
    {
        Description = "How the rate changes: constant, the default; step:N:FACTOR, times FACTOR every N steps; or cosine:N and "
            + "cosine:N:MINIMUM, down to the minimum over N steps.",
        HelpName = "constant|step:N:FACTOR|cosine:N",
        Arity = ArgumentArity.ExactlyOne,
        CustomParser = result =>
        {
            string given = result.Tokens[0].Value;
            string[] parts = given.Split(':');
            long? steps = parts.Length > 1 ? NumberOption.Parse<long>(parts[1]) : null;
            double? number = parts.Length > 2 ? NumberOption.Parse<double>(parts[2]) : 0;
            switch (parts[0], parts.Length)
            {
                case ("constant", 1):
                    return LearningRateSchedule.Constant;
                case ("step", 3) when steps > 0 && number is >= 0 and <= 1:
                    return rate => LearningRateSchedule.Step(rate, steps.Value, number.Value);
                case ("cosine", 2 or 3) when steps > 0 && number is { } minimum && double.IsFinite(minimum):
                    return rate => rate >= minimum ? LearningRateSchedule.Cosine(rate, steps.Value, minimum) : null;
                default:
                    result.AddError(
                        $"{Name} is '{given}', "
                        + "expected constant, step:N:FACTOR with a factor from 0 to 1, cosine:N or cosine:N:MINIMUM.");
                    return null;
            }
        },
    };
}
