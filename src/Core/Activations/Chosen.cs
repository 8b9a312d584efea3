using System.Numerics;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Simd;

namespace SpanRnn.Core.Activations;

/// <summary>
/// Activation that is chosen at run time, for each register, after its argument was limited: for work that need not be as fast as possible.
/// Its derivative comes from the pre-activation, because for some functions y does not determine it.
/// </summary>
/// <param name="spec">The function.</param>
/// <param name="limit">The largest magnitude of the argument that the function gets.</param>
internal readonly struct Chosen(ActivationSpec spec, double limit = double.PositiveInfinity) : IActivation
{
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public V Apply<V, T>(V a)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V bound = V.Constant(limit);
        a = V.Max(-bound, V.Min(bound, a));
        return spec.Kind switch
        {
            ActivationKind.Identity => Apply<Identity, V, T>(default, a),
            ActivationKind.Sigmoid => Apply<Sigmoid, V, T>(default, a),
            ActivationKind.Tanh => Apply<Tanh, V, T>(default, a),
            ActivationKind.Relu => Apply<Relu, V, T>(default, a),
            ActivationKind.HardStep => Apply<HardStep, V, T>(default, a),
            ActivationKind.Affine => Apply<Affine, V, T>(new(spec.Alpha, spec.Beta), a),
            ActivationKind.LeakyRelu => Apply<LeakyRelu, V, T>(new(spec.Alpha), a),
            ActivationKind.ThresholdedRelu => Apply<ThresholdedRelu, V, T>(new(spec.Alpha), a),
            ActivationKind.ScaledTanh => Apply<ScaledTanh, V, T>(new(spec.Alpha, spec.Beta), a),
            ActivationKind.HardSigmoid => Apply<HardSigmoid, V, T>(new(spec.Alpha, spec.Beta), a),
            ActivationKind.Elu => Apply<Elu, V, T>(new(spec.Alpha), a),
            ActivationKind.Softsign => Apply<Softsign, V, T>(default, a),
            ActivationKind.Softplus => Apply<Softplus, V, T>(default, a),
            ActivationKind.Clip => Apply<Clip, V, T>(new(spec.Alpha, spec.Beta), a),
            ActivationKind.Silu => Apply<Silu, V, T>(default, a),
            ActivationKind.Gelu => Apply<Gelu, V, T>(default, a),
            ActivationKind.GeluTanh => Apply<GeluTanh, V, T>(default, a),
            ActivationKind.Exp => Apply<Exp, V, T>(default, a),
            ActivationKind.Selu => Apply<Selu, V, T>(default, a),
            ActivationKind.Celu => Apply<Celu, V, T>(new(spec.Alpha), a),
            ActivationKind.HardSwish => Apply<HardSwish, V, T>(default, a),
            _ => Apply<Mish, V, T>(default, a),
        };
    }

    // Callers reject a hard step. dy passes within the limits and on them, as in PyTorch's clamp.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public V Gradient<V, T>(V a, V y, V dy)
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        V da = spec.Kind switch
        {
            ActivationKind.Identity => Gradient<Identity, V, T>(default, a, dy),
            ActivationKind.Sigmoid => Gradient<Sigmoid, V, T>(default, a, dy),
            ActivationKind.Tanh => Gradient<Tanh, V, T>(default, a, dy),
            ActivationKind.Relu => Gradient<Relu, V, T>(default, a, dy),
            ActivationKind.HardStep => Gradient<HardStep, V, T>(default, a, dy),
            ActivationKind.Affine => Gradient<Affine, V, T>(new(spec.Alpha, spec.Beta), a, dy),
            ActivationKind.LeakyRelu => Gradient<LeakyRelu, V, T>(new(spec.Alpha), a, dy),
            ActivationKind.ThresholdedRelu => Gradient<ThresholdedRelu, V, T>(new(spec.Alpha), a, dy),
            ActivationKind.ScaledTanh => Gradient<ScaledTanh, V, T>(new(spec.Alpha, spec.Beta), a, dy),
            ActivationKind.HardSigmoid => Gradient<HardSigmoid, V, T>(new(spec.Alpha, spec.Beta), a, dy),
            ActivationKind.Elu => Gradient<Elu, V, T>(new(spec.Alpha), a, dy),
            ActivationKind.Softsign => Gradient<Softsign, V, T>(default, a, dy),
            ActivationKind.Softplus => Gradient<Softplus, V, T>(default, a, dy),
            ActivationKind.Clip => Gradient<Clip, V, T>(new(spec.Alpha, spec.Beta), a, dy),
            ActivationKind.Silu => Gradient<Silu, V, T>(default, a, dy),
            ActivationKind.Gelu => Gradient<Gelu, V, T>(default, a, dy),
            ActivationKind.GeluTanh => Gradient<GeluTanh, V, T>(default, a, dy),
            ActivationKind.Exp => Gradient<Exp, V, T>(default, a, dy),
            ActivationKind.Selu => Gradient<Selu, V, T>(default, a, dy),
            ActivationKind.Celu => Gradient<Celu, V, T>(new(spec.Alpha), a, dy),
            ActivationKind.HardSwish => Gradient<HardSwish, V, T>(default, a, dy),
            _ => Gradient<Mish, V, T>(default, a, dy),
        };
        return V.SelectGreater(V.Abs(a), V.Constant(limit), V.Broadcast(T.Zero), da);
    }

    // It is not inlined: all functions in one method are more than the compiler inlines.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static V Apply<TActivation, V, T>(TActivation f, V a)
        where TActivation : struct, IActivation
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => f.Apply<V, T>(a);

    // The compiler drops y where the function does not read it.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static V Gradient<TActivation, V, T>(TActivation f, V a, V dy)
        where TActivation : struct, IActivation
        where V : struct, ISimd<V, T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => f.Gradient<V, T>(a, f.Apply<V, T>(a), dy);
}
