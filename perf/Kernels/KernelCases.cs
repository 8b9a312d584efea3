using System.Numerics;
using System.Numerics.Tensors;

namespace SpanRnn.Perf;

/// <summary>Every kernel and size that is compared.</summary>
internal static class KernelCases
{
    private const int Elements = 1024;
    private const string PlainProduct = "product";

    // Four gates by input and state of one size, H = 16, 128, 256, 512, 1024.
    private static readonly (int Rows, int Columns)[] _vectors = [(64, 17), (512, 256), (1024, 512), (2048, 1024), (4096, 2048)];

    private static readonly (int Rows, int Columns, int Inner)[] _products =
        [(256, 256, 256), (512, 512, 512), (3200, 512, 128), (512, 128, 3200)];

    // One step of a batch.
    private static readonly (int Rows, int Columns, int Inner)[] _steps = [(32, 512, 128), (32, 1024, 256)];

    /// <summary>All cases, with those whose size depends on the caches.</summary>
    public static IEnumerable<KernelCase> All() => [.. Of<float>("float"), .. Of<double>("double")];

    private static IEnumerable<KernelCase> Of<T>(string precision)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        foreach ((int rows, int columns) in _vectors)
        {
            yield return new("matrix-vector packed", $"{rows}x{columns}", precision, () => PackedVector<T>(rows, columns, again: false));
        }

        foreach ((int rows, int columns) in AgainAndAgain<T>())
        {
            yield return new(
                "matrix-vector packed, again and again",
                $"{rows}x{columns}",
                precision,
                () => PackedVector<T>(rows, columns, again: true));
        }

        foreach ((int rows, int columns) in _vectors)
        {
            yield return new("matrix-vector", $"{rows}x{columns}", precision, () => Vector<T>(rows, columns));
        }

        foreach ((int rows, int columns, int inner) in _steps)
        {
            yield return new(
                "product packed",
                $"{rows}x{columns}x{inner}",
                precision,
                () => Product<T>(rows, columns, inner, constantWeights: true, mathNet: true, problem => problem.Packed()));
        }

        foreach ((string form, Func<ProductProblem<T>, Contender> own) in new (string, Func<ProductProblem<T>, Contender>)[]
        {
            (PlainProduct, problem => problem.Plain()),
            ("product, left transposed", problem => problem.TransposedLeft()),
            ("product, right transposed", problem => problem.TransposedRight()),
        })
        {
            foreach ((int rows, int columns, int inner) in _products)
            {
                yield return new(
                    form,
                    $"{rows}x{columns}x{inner}",
                    precision,
                    () => Product(rows, columns, inner, constantWeights: false, mathNet: form == PlainProduct, own));
            }
        }

        // TensorPrimitives' tanh is a difference near zero: its absolute error is small there, its relative error is not.
        yield return new("tanh", $"{Elements}", precision, () => ElementProblem.Work<T>(
            Elements,
            x => [.. x.Select(Math.Tanh)],
            floor: 0.1,
            (x, y) => Activations.Apply(ActivationKind.Tanh, x, y),
            (x, y) => TensorPrimitives.Tanh(x, y)));
        yield return new("sigmoid", $"{Elements}", precision, () => ElementProblem.Work<T>(
            Elements,
            x => [.. x.Select(a => 1 / (1 + Math.Exp(-a)))],
            floor: 0,
            (x, y) => Activations.Apply(ActivationKind.Sigmoid, x, y),
            (x, y) => TensorPrimitives.Sigmoid(x, y)));
        yield return new("softmax", $"{Elements}", precision, () => ElementProblem.Work<T>(
            Elements,
            Softmax,
            floor: 0,
            (x, y) => Activations.Softmax(x, y),
            (x, y) => TensorPrimitives.SoftMax(x, y)));
        yield return new("log-sum-exp", $"{Elements}", precision, () => ElementProblem.Work<T>(
            Elements,
            x => [Math.Log(x.Sum(Math.Exp))],
            floor: 0,
            (x, y) => y[0] = Activations.LogSumExp(x),
            LogSumExp(new T[Elements])));
    }

    // TensorPrimitives has no such function, so its user writes this one.
    private static ElementProblem.Function<T> LogSumExp<T>(T[] exponentials)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => (x, y) =>
    {
        T largest = TensorPrimitives.Max(x);
        TensorPrimitives.Subtract(x, largest, exponentials);
        TensorPrimitives.Exp<T>(exponentials, exponentials);
        y[0] = largest + T.Log(TensorPrimitives.Sum<T>(exponentials));
    };

    private static double[] Softmax(double[] x)
    {
        double sum = x.Sum(Math.Exp);
        return [.. x.Select(a => Math.Exp(a) / sum)];
    }

    // Sizes around L2 of this machine, where walking back and forth gains, and the sizes at which other machines are compared.
    private static unsafe IEnumerable<(int Rows, int Columns)> AgainAndAgain<T>()
        where T : unmanaged
    {
        const int Columns = 512;
        long level2 = CacheSizes.OfThisMachine.Level2;
        long[] bytes = [level2 * 5 / 4, level2 * 3 / 2, level2 * 2, level2 * 3, level2 * 4, 3 << 20, 4 << 20, 6 << 20, 8 << 20];
        return bytes.Distinct().Order().Select(size => ((int)(size / sizeof(T) / Columns), Columns));
    }

    private static KernelWork PackedVector<T>(int rows, int columns, bool again)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var problem = new ProductProblem<T>(1, rows, columns);
        double bytes = problem.WeightBytes;
        var work = new KernelWork(problem.Expected(), problem.Packed())
        {
            Operations = problem.Operations,
            Bytes = bytes,
            Limit = MachineLimit.Read(bytes, backAndForth: true),
        };
        if (again)
        {
            Limit forward = MachineLimit.ReadForward(bytes);
            work.Own(forward.Memory!);
            work.AddPeer(new Contender(PeerNames.ReadForward, forward.Run, Result: null));
        }

        work.AddPeer(problem.TensorPrimitivesDot());
        problem.AddOnnx(work, constantWeights: true);
        return work;
    }

    private static KernelWork Vector<T>(int rows, int columns)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var problem = new ProductProblem<T>(1, rows, columns);
        var work = new KernelWork(problem.Expected(), problem.Vector())
        {
            Operations = problem.Operations,
            Bytes = problem.WeightBytes,
            Limit = MachineLimit.Read(problem.WeightBytes, backAndForth: false),
        };
        work.AddPeer(problem.TensorPrimitivesDot());
        problem.AddOnnx(work, constantWeights: false);
        return work;
    }

    private static KernelWork Product<T>(
        int rows, int columns, int inner, bool constantWeights, bool mathNet, Func<ProductProblem<T>, Contender> own)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var problem = new ProductProblem<T>(rows, columns, inner);
        var work = new KernelWork(problem.Expected(), own(problem))
        {
            Operations = problem.Operations,
            Bytes = problem.Bytes,
            Limit = MachineLimit.MultiplyAdd<T>(),
        };
        work.AddPeer(problem.TensorPrimitivesDot());
        if (mathNet)
        {
            work.AddPeer(problem.MathNetProduct());
        }

        problem.AddOnnx(work, constantWeights);
        return work;
    }
}
