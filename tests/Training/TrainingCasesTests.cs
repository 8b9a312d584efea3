using System.Globalization;
using System.Numerics;

namespace SpanRnn.Tests;

/// <summary>
/// The runs of the reference cases, through <see cref="Trainer{T}"/> and <see cref="BatchReader{T}"/>: the loss of every step, the
/// gradients of the first, the weights after 1, 10 and 200.
/// </summary>
public class TrainingCasesTests
{
    // The files hold double numbers rounded to float, half an ulp of each. The drift of two runs that round differently is added to that;
    // each case has its own measure of it.
    private const double Rounding = 1.0 / (1 << 24);

    public static TheoryData<string> Names() => [.. ReferenceRun.Names];

    [CasesTheory]
    [MemberData(nameof(Names))]
    public void Double_precision_follows_all_steps(string name)
    {
        var reference = new ReferenceRun(name);
        double[] tolerances = reference.Column("abs_tol_f64_run");
        Follows<double>(reference, reference.Steps, tolerances, steps => tolerances[steps - 1]);
    }

    [CasesTheory]
    [MemberData(nameof(Names))]
    public void Single_precision_follows_while_it_can(string name)
    {
        // The bound of the case for losses: 30 times the distance of PyTorch's own run in float from double. Rounding grows tenfold in five
        // steps when a run is about to lose its way, a few steps earlier or later on another instruction set. So a second run counts as
        // well, the same one in double with weights rounded to float after each step. Without it dna_lstm_sgd failed with registers of 512
        // bits from its step 72 on.
        var reference = new ReferenceRun(name);
        double[] tolerances = reference.Column("abs_tol_f32_run");
        double[] losses = reference.Column("loss_f64");
        using Trainer<double> rounded = reference.Trainer<double>();
        BatchReader<double> reader = reference.Reader<double>();
        double drift = 0;
        for (int step = 0; step < reference.SingleSteps; step++)
        {
            drift = Math.Max(drift, Math.Abs(rounded.Step(reader.Next()).Loss - losses[step]));
            tolerances[step] = Math.Max(tolerances[step], 30 * drift);
            foreach (ref double weight in rounded.Parameters)
            {
                weight = (float)weight;
            }
        }

        Follows<float>(reference, reference.SingleSteps, tolerances, steps => 30 * reference.WeightDrift(steps));
    }

    [CasesTheory]
    [MemberData(nameof(Names))]
    public void Gradients_of_the_first_step_agree(string name)
    {
        var reference = new ReferenceRun(name);
        Gradients<double>(reference, 1e-13);
        Gradients<float>(reference, 2e-6);
    }

    private static void Follows<T>(ReferenceRun reference, int steps, double[] tolerances, Func<int, double> weightDrift)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double[] losses = reference.Column("loss_f64");
        List<string> faults = [];
        using Trainer<T> trainer = reference.Trainer<T>();
        BatchReader<T> reader = reference.Reader<T>();
        for (int step = 0; step < steps; step++)
        {
            double loss = trainer.Step(reader.Next()).Loss;
            if (!(Math.Abs(loss - losses[step]) <= tolerances[step]))
            {
                faults.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"loss of step {step} is {loss:R}, expected {losses[step]:R} within {tolerances[step]:G3}"));
            }

            if (step + 1 is 1 or 10 or 200)
            {
                string file = $"weights_after_{step + 1}_f64as32.safetensors";
                faults.AddRange(Compare<T>(reference, file, trainer.Parameters, weightDrift(step + 1)));
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    private static void Gradients<T>(ReferenceRun reference, double drift)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using Trainer<T> trainer = reference.Trainer<T>(clips: false);
        trainer.Step(reference.Reader<T>().Next());
        string[] faults = [.. Compare(reference, "grad_step0_f64as32.safetensors", trainer.Gradients, drift)];

        Assert.True(faults.Length == 0, string.Join('\n', faults));
    }

    private static List<string> Compare<T>(ReferenceRun reference, string file, ReadOnlySpan<T> buffer, double drift)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        List<string> faults = [];
        double[][] expected = reference.Read(file);
        for (int tensor = 0; tensor < expected.Length; tensor++)
        {
            ReadOnlySpan<T> got = reference.Spec.Parameters.Slots[tensor].In(buffer);
            Assert.Equal(expected[tensor].Length, got.Length);
            for (int i = 0; i < got.Length; i++)
            {
                double bound = (Rounding * Math.Abs(expected[tensor][i])) + drift;
                double value = double.CreateTruncating(got[i]);
                if (!(Math.Abs(value - expected[tensor][i]) <= bound))
                {
                    faults.Add(string.Create(
                        CultureInfo.InvariantCulture,
                        $"{file}: '{reference.Tensors[tensor]}' has {value:R} at {i}, expected {expected[tensor][i]:R} within {bound:G3}"));
                }
            }
        }

        return faults;
    }
}
