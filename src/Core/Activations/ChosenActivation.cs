using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Activations;

/// <summary>Activations that are chosen at run time, for each register: for work that need not be as fast as possible.</summary>
internal static class ChosenActivation
{
    /// <summary>y = f(a).</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static V Apply<V, T>(in ActivationSpec f, V a)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => f.Kind switch
        {
            ActivationKind.Identity => Apply<WithoutParameters<Identity>, V, T>(in f, a),
            ActivationKind.Sigmoid => Apply<WithoutParameters<Sigmoid>, V, T>(in f, a),
            ActivationKind.Tanh => Apply<WithoutParameters<Tanh>, V, T>(in f, a),
            ActivationKind.Relu => Apply<WithoutParameters<Relu>, V, T>(in f, a),
            ActivationKind.HardStep => Apply<WithoutParameters<HardStep>, V, T>(in f, a),
            ActivationKind.Affine => Apply<Affine, V, T>(in f, a),
            ActivationKind.LeakyRelu => Apply<LeakyRelu, V, T>(in f, a),
            ActivationKind.ThresholdedRelu => Apply<ThresholdedRelu, V, T>(in f, a),
            ActivationKind.ScaledTanh => Apply<ScaledTanh, V, T>(in f, a),
            ActivationKind.HardSigmoid => Apply<HardSigmoid, V, T>(in f, a),
            ActivationKind.Elu => Apply<Elu, V, T>(in f, a),
            ActivationKind.Softsign => Apply<Softsign, V, T>(in f, a),
            _ => Apply<Softplus, V, T>(in f, a),
        };

    /// <summary>dL/da = dL/dy·f′(a); callers reject a hard step.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static V Gradient<V, T>(in ActivationSpec f, V a, V dy)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => f.Kind switch
        {
            ActivationKind.Identity => Gradient<WithoutParameters<Identity>, V, T>(in f, a, dy),
            ActivationKind.Sigmoid => Gradient<WithoutParameters<Sigmoid>, V, T>(in f, a, dy),
            ActivationKind.Tanh => Gradient<WithoutParameters<Tanh>, V, T>(in f, a, dy),
            ActivationKind.Relu => Gradient<WithoutParameters<Relu>, V, T>(in f, a, dy),
            ActivationKind.HardStep => Gradient<WithoutParameters<HardStep>, V, T>(in f, a, dy),
            ActivationKind.Affine => Gradient<Affine, V, T>(in f, a, dy),
            ActivationKind.LeakyRelu => Gradient<LeakyRelu, V, T>(in f, a, dy),
            ActivationKind.ThresholdedRelu => Gradient<ThresholdedRelu, V, T>(in f, a, dy),
            ActivationKind.ScaledTanh => Gradient<ScaledTanh, V, T>(in f, a, dy),
            ActivationKind.HardSigmoid => Gradient<HardSigmoid, V, T>(in f, a, dy),
            ActivationKind.Elu => Gradient<Elu, V, T>(in f, a, dy),
            ActivationKind.Softsign => Gradient<Softsign, V, T>(in f, a, dy),
            _ => Gradient<Softplus, V, T>(in f, a, dy),
        };

    // It is not inlined: all functions in one method are more than the compiler inlines.
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
