using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core;

/// <summary>Activations that are chosen at run time, one register at a time: for what need not be as fast as it can be.</summary>
internal static class ChosenActivation
{
    /// <summary>y = f(a).</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static V Apply<V, T>(in ActivationSpec f, V a)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => f.Kind switch
        {
            Activation.Identity => Apply<Plain<Identity>, V, T>(in f, a),
            Activation.Sigmoid => Apply<Plain<Sigmoid>, V, T>(in f, a),
            Activation.Tanh => Apply<Plain<Tanh>, V, T>(in f, a),
            Activation.Relu => Apply<Plain<Relu>, V, T>(in f, a),
            Activation.HardStep => Apply<Plain<HardStep>, V, T>(in f, a),
            Activation.Affine => Apply<Affine, V, T>(in f, a),
            Activation.LeakyRelu => Apply<LeakyRelu, V, T>(in f, a),
            Activation.ThresholdedRelu => Apply<ThresholdedRelu, V, T>(in f, a),
            Activation.ScaledTanh => Apply<ScaledTanh, V, T>(in f, a),
            Activation.HardSigmoid => Apply<HardSigmoid, V, T>(in f, a),
            Activation.Elu => Apply<Elu, V, T>(in f, a),
            Activation.Softsign => Apply<Softsign, V, T>(in f, a),
            _ => Apply<Softplus, V, T>(in f, a),
        };

    /// <summary>dL/da = dL/dy·f′(a); callers refuse a hard step.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static V Gradient<V, T>(in ActivationSpec f, V a, V dy)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => f.Kind switch
        {
            Activation.Identity => Gradient<Plain<Identity>, V, T>(in f, a, dy),
            Activation.Sigmoid => Gradient<Plain<Sigmoid>, V, T>(in f, a, dy),
            Activation.Tanh => Gradient<Plain<Tanh>, V, T>(in f, a, dy),
            Activation.Relu => Gradient<Plain<Relu>, V, T>(in f, a, dy),
            Activation.HardStep => Gradient<Plain<HardStep>, V, T>(in f, a, dy),
            Activation.Affine => Gradient<Affine, V, T>(in f, a, dy),
            Activation.LeakyRelu => Gradient<LeakyRelu, V, T>(in f, a, dy),
            Activation.ThresholdedRelu => Gradient<ThresholdedRelu, V, T>(in f, a, dy),
            Activation.ScaledTanh => Gradient<ScaledTanh, V, T>(in f, a, dy),
            Activation.HardSigmoid => Gradient<HardSigmoid, V, T>(in f, a, dy),
            Activation.Elu => Gradient<Elu, V, T>(in f, a, dy),
            Activation.Softsign => Gradient<Softsign, V, T>(in f, a, dy),
            _ => Gradient<Softplus, V, T>(in f, a, dy),
        };

    // Not inlined: all functions in one method are more than the compiler inlines.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static V Apply<TActivation, V, T>(in ActivationSpec f, V a)
        where TActivation : struct, IParametricActivation
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        TActivation.Apply<V, T>(a, V.Constant(f.Alpha), V.Constant(f.Beta));

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static V Gradient<TActivation, V, T>(in ActivationSpec f, V a, V dy)
        where TActivation : struct, IParametricActivation
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        TActivation.Gradient<V, T>(a, dy, V.Constant(f.Alpha), V.Constant(f.Beta));
}
