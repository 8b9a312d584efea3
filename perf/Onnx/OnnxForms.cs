using System.Diagnostics;

namespace SpanRnn.Perf;

/// <summary>Ways of calling ONNX Runtime, of which the fastest is the one to compare with.</summary>
internal static class OnnxForms
{
    private const double LeastMilliseconds = 5;

    /// <summary>Fastest of all ways, tried forth and back. The fastest call of each counts: disturbances only make calls slower.</summary>
    public static (string Form, Action Run) Fastest((string Form, Action Run)[] forms)
    {
        double[] least = new double[forms.Length];
        least.AsSpan().Fill(double.PositiveInfinity);
        for (int turn = 0; turn < 2 * forms.Length; turn++)
        {
            int i = turn < forms.Length ? turn : (2 * forms.Length) - 1 - turn;
            long start = Stopwatch.GetTimestamp();
            for (int calls = 0; calls == 0 || Stopwatch.GetElapsedTime(start).TotalMilliseconds < LeastMilliseconds; calls++)
            {
                long from = Stopwatch.GetTimestamp();
                forms[i].Run();
                least[i] = Math.Min(least[i], Stopwatch.GetElapsedTime(from).TotalNanoseconds);
            }
        }

        return forms[Array.IndexOf(least, least.Min())];
    }
}
