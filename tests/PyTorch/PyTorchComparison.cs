using System.Globalization;
using System.Numerics;

namespace SpanRnn.Tests;

/// <summary>Compares results with PyTorch's, tensor by tensor.</summary>
internal static class PyTorchComparison
{
    /// <summary>Fails with all faults of the results: float may be off by 1e-5, double by 1e-6.</summary>
    public static void Agree<T>(PyTorchCase reference, IReadOnlyDictionary<string, double[]> got)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        string[] faults = Faults(reference.Name, reference.Expected, got, typeof(T) == typeof(double) ? 1e-6 : 1e-5);

        Assert.True(faults.Length == 0, string.Join('\n', faults));
    }

    /// <summary>
    /// Fails with all faults of packed inference, in outputs and final states: fp32 may be off by 1e-5, bf16 by 1e-2 and int8 by 3e-2.
    /// </summary>
    public static void Agree(PyTorchCase reference, WeightPrecision precision)
    {
        double tolerance = precision switch { WeightPrecision.Fp32 => 1e-5, WeightPrecision.Bf16 => 1e-2, _ => 3e-2 };
        var expected = reference.Expected
            .Where(tensor => tensor.Key is "y" or "hn" or "cn")
            .ToDictionary(tensor => tensor.Key, tensor => tensor.Value);

        string[] faults = Faults(reference.Name, expected, reference.Run(precision), tolerance);

        Assert.True(faults.Length == 0, string.Join('\n', faults));
    }

    /// <summary>
    /// One sentence per tensor that breaks |got − expected| ≤ tolerance × max(1, max |expected|) anywhere, has another length, or is on one
    /// side only.
    /// </summary>
    public static string[] Faults(
        string name, IReadOnlyDictionary<string, double[]> expected, IReadOnlyDictionary<string, double[]> got, double tolerance) =>
    [
        .. expected.Keys.Union(got.Keys).Order(StringComparer.Ordinal)
            .Select(tensor => Fault(expected.GetValueOrDefault(tensor), got.GetValueOrDefault(tensor), tolerance) is { } fault
                ? $"{name}: tensor '{tensor}' {fault}"
                : null)
            .OfType<string>(),
    ];

    private static string? Fault(double[]? expected, double[]? got, double tolerance)
    {
        if (expected is null || got is null)
        {
            return expected is null ? "is in the results, expected none." : "is missing from the results.";
        }

        if (got.Length != expected.Length)
        {
            return $"has {got.Length} elements, expected {expected.Length}.";
        }

        if (expected.Length == 0)
        {
            return null;
        }

        // NaN is the largest error, not the smallest as Max has it.
        double bound = tolerance * Math.Max(1, expected.Max(Math.Abs));
        double[] errors = [.. got.Zip(expected, (g, e) => double.IsNaN(g - e) ? double.PositiveInfinity : Math.Abs(g - e))];
        int worst = Array.IndexOf(errors, errors.Max());
        return errors[worst] <= bound && double.IsFinite(bound)
            ? null
            : string.Create(
                CultureInfo.InvariantCulture, $"has {got[worst]:R} at {worst}, expected {expected[worst]:R} within {bound:G3}.");
    }
}
