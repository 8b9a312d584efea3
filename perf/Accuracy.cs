using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.Intrinsics;

namespace SpanRnn.Perf;

/// <summary>
/// Errors of sigmoid and tanh over all 2³² floats, against the formulas in double, whose own error is a few 2⁻⁵³. The registers are
/// the widest that the process may use; DOTNET_EnableAVX512=0, DOTNET_EnableAVX2=0 and DOTNET_EnableHWIntrinsic=0 narrow them.
/// </summary>
internal static class Accuracy
{
    private const double Bound = 2;
    private const int Chunk = 1 << 16;

    public static Command CreateCommand(TextWriter output)
    {
        var command = new Command("accuracy", "Checks sigmoid and tanh over all floats, some minutes; fails above 2 ulp.");
        command.SetAction(_ => Run(output) ? Application.Success : Application.Failure);
        return command;
    }

    private static bool Run(TextWriter output)
    {
        int bits = Vector512.IsHardwareAccelerated ? 512
            : Vector256.IsHardwareAccelerated ? 256
            : Vector128.IsHardwareAccelerated ? 128 : 32;
        bool sigmoid = Check(ActivationKind.Sigmoid, x => x > 0 ? 1 / (1 + Math.Exp(-x)) : Math.Exp(x) / (1 + Math.Exp(x)), bits, output);
        bool tanh = Check(ActivationKind.Tanh, Math.Tanh, bits, output);
        return sigmoid && tanh;
    }

    private static bool Check(ActivationKind kind, Func<double, double> reference, int bits, TextWriter output)
    {
        long start = Stopwatch.GetTimestamp();
        float[] x = new float[Chunk];
        float[] y = new float[Chunk];
        double worst = 0;
        float worstAt = 0;
        long unlikeNaN = 0;
        for (long first = 0; first < 1L << 32; first += Chunk)
        {
            for (int i = 0; i < Chunk; i++)
            {
                x[i] = BitConverter.UInt32BitsToSingle((uint)(first + i));
            }

            Activations.Apply<float>(kind, x, y);
            for (int i = 0; i < Chunk; i++)
            {
                if (float.IsNaN(x[i]) || float.IsNaN(y[i]))
                {
                    unlikeNaN += float.IsNaN(x[i]) == float.IsNaN(y[i]) ? 0 : 1;
                    continue;
                }

                double error = Ulps(y[i], reference(x[i]));
                if (error > worst)
                {
                    (worst, worstAt) = (error, x[i]);
                }
            }
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{kind}, registers of {bits} bits: at most {worst:f3} ulp, at {worstAt:r}; {unlikeNaN} NaN made or lost; {seconds:f0} s"));
        return worst <= Bound && unlikeNaN == 0;
    }

    /// <summary>Distance in units in the last place of a float of this size.</summary>
    private static double Ulps(float actual, double expected)
    {
        // Exponent of the unit, from the bits of a normal double: the number's own less 23, and never below that of denormal floats.
        long exponent = Math.Max((BitConverter.DoubleToInt64Bits(expected) >> 52) & 0x7FF, 1023 - 126) - 23;
        return Math.Abs(actual - expected) / BitConverter.Int64BitsToDouble(exponent << 52);
    }
}
