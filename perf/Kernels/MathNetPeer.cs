using System.Numerics;
using MathNet.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace SpanRnn.Perf;

/// <summary>MathNet.Numerics without its native providers, on one thread.</summary>
internal static class MathNetPeer
{
    static MathNetPeer()
    {
        Control.UseManaged();
        Control.MaxDegreeOfParallelism = 1;
    }

    /// <summary>C [rows, columns] = A·B; A [rows, inner] and B [inner, columns] are stored by columns.</summary>
    public static Contender Product<T>(int rows, int columns, int inner, T[] a, T[] b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Matrix<T> left = Matrix<T>.Build.Dense(rows, inner, a);
        Matrix<T> right = Matrix<T>.Build.Dense(inner, columns, b);
        Matrix<T> result = Matrix<T>.Build.Dense(rows, columns);
        return new Contender(
            PeerNames.MathNet,
            () => left.Multiply(right, result),
            () => [.. result.ToRowMajorArray().Select(double.CreateChecked)]);
    }
}
