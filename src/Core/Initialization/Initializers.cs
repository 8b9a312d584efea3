using System.Numerics;
using System.Numerics.Tensors;

namespace SpanRnn.Core.Initialization;

/// <summary>Starting values of parameters, drawn in double and rounded: with one seed, float and double networks start alike.</summary>
internal static class Initializers
{
    /// <summary>Independent numbers, equally likely within ±√(6 / (fanIn + fanOut)) (Glorot and Bengio 2010). Allocates nothing.</summary>
    /// <param name="span">[n] out.</param>
    /// <param name="fanIn">Number of inputs that each output is summed from, at least 1.</param>
    /// <param name="fanOut">Number of outputs that each input goes to, at least 1.</param>
    /// <param name="random">Source of the numbers.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <exception cref="ArgumentOutOfRangeException">A fan is below 1.</exception>
    public static void GlorotUniform<T>(Span<T> span, int fanIn, int fanOut, RandomSource random)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentNullException.ThrowIfNull(random);
        Guard.Positive(fanIn);
        Guard.Positive(fanOut);
        double bound = Math.Sqrt(6.0 / ((double)fanIn + fanOut));
        random.Fill(span, -bound, bound);
    }

    /// <summary>
    /// Random matrix whose shorter side is orthonormal: the rows if rows ≤ columns, else the columns (Saxe et al. 2014). Draws normal
    /// vectors and subtracts from each its parts along the vectors before it. Doing so twice keeps the vectors orthogonal to rounding.
    /// </summary>
    /// <param name="span">[rows, columns] out.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="random">Source of the numbers.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <exception cref="ArgumentException"><paramref name="span"/> has another length than rows × columns.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative.</exception>
    /// <remarks>For set-up: allocates rows × columns numbers of double for the vectors.</remarks>
    public static void Orthogonal<T>(Span<T> span, int rows, int columns, RandomSource random)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Guard.Precision<T>();
        Guard.NotNegative(rows);
        Guard.NotNegative(columns);
        Guard.Length(span, (long)rows * columns, "rows × columns");
        ArgumentNullException.ThrowIfNull(random);
        int count = Math.Min(rows, columns);
        int length = Math.Max(rows, columns);
        double[] vectors = new double[span.Length];
        for (int i = 0; i < count; i++)
        {
            Span<double> vector = vectors.AsSpan(i * length, length);
            double norm;
            do
            {
                foreach (ref double value in vector)
                {
                    value = random.NextNormal();
                }

                double drawn = TensorPrimitives.Norm<double>(vector);
                RemoveParts(vectors, i, vector);
                RemoveParts(vectors, i, vector);
                norm = TensorPrimitives.Norm<double>(vector) / drawn;
            }
            while (!(norm > 1e-6)); // Almost dependent on the vectors before: draws again.

            TensorPrimitives.Divide(vector, TensorPrimitives.Norm<double>(vector), vector);
        }

        for (int i = 0; i < span.Length; i++)
        {
            int row = i / columns;
            int column = i % columns;
            span[i] = T.CreateTruncating(rows <= columns ? vectors[i] : vectors[(column * length) + row]);
        }
    }

    private static void RemoveParts(ReadOnlySpan<double> vectors, int count, Span<double> vector)
    {
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<double> unit = vectors.Slice(i * vector.Length, vector.Length);
            TensorPrimitives.MultiplyAdd(unit, -TensorPrimitives.Dot(unit, vector), vector, vector);
        }
    }
}
