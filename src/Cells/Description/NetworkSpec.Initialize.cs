using System.Numerics;
using SpanRnn.Core;

namespace SpanRnn;

/// <content>Starting values of the parameters.</content>
public sealed partial class NetworkSpec
{
    /// <summary>
    /// Draws starting values of all parameters. Input, dense, projection and attention weights are uniform (Glorot and Bengio 2010), each
    /// gate on its own. Recurrent weights are orthogonal (Saxe et al. 2014), each gate on its own. The table of an embedding is normal, as
    /// in PyTorch. Biases are zero, but an LSTM's forget gate, unless it is coupled, has a bias of 1 (Jozefowicz et al. 2015), so that an
    /// untrained network remembers a few steps. Peepholes and trainable initial states are zero, as if they were not there.
    /// </summary>
    /// <param name="parameters">[Parameters.Length] out.</param>
    /// <param name="random">Source of the values. A network in float and one in double start alike from one seed.</param>
    /// <param name="rememberedSteps">
    /// T ≥ 2 for gates that remember up to about T steps, 0 for the biases above. Of each unit of an LSTM or a GRU with biases and sigmoid
    /// gates, the gate that keeps the old state (f, or z) has the bias log u, where u is uniform from 1 to T − 1: it keeps u / (u + 1) of
    /// the state. The bias of an LSTM's i is −log u (Tallec and Ollivier 2018). All other values are the same as without.
    /// </param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <exception cref="ArgumentException">
    /// The length is wrong, or there are steps to remember and no layer has such gates.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="rememberedSteps"/> is not 0 and below 2.</exception>
    /// <remarks>For set-up. Allocates scratch memory.</remarks>
    public void Initialize<T>(Span<T> parameters, RandomSource random, int rememberedSteps = 0)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Guard.Length<T>(parameters, Parameters.Length, "Parameters.Length");
        ArgumentNullException.ThrowIfNull(random);
        CheckRemembered(rememberedSteps);
        parameters.Clear();
        for (int i = 0; i < _layers.Length; i++)
        {
            foreach (Direction d in _layers[i].Directions)
            {
                int layer = i;
                _layers[i].Initialize(parameters, role => Slot(layer, d, role), random);
            }
        }

        if (EmbeddingWeights is { } embedding)
        {
            // Normal, as PyTorch's tables start: no sum runs over the rows of symbols, so there is no variance that could grow.
            foreach (ref T value in embedding.In(parameters))
            {
                value = T.CreateTruncating(random.NextNormal());
            }
        }

        if (rememberedSteps > 0)
        {
            // After all others, which are the same then.
            Remember(parameters, random, rememberedSteps);
        }
    }

    // Has a sigmoid gate with a bias that keeps the old state.
    private static bool CanRemember(LayerSpec layer) => layer is RecurrentLayer
    {
        Cell: CellKind.Lstm or CellKind.GruResetAfter or CellKind.GruResetBefore, Bias: true, GateActivation.Kind: ActivationKind.Sigmoid,
    };

    private void CheckRemembered(int rememberedSteps)
    {
        if (rememberedSteps == 0)
        {
            return;
        }

        if (rememberedSteps < 2)
        {
            throw new ArgumentOutOfRangeException(
                nameof(rememberedSteps), $"'rememberedSteps' is {rememberedSteps}, expected 0, or 2 or more.");
        }

        if (!Array.Exists(_layers, CanRemember))
        {
            throw new ArgumentException(
                $"'rememberedSteps' is {rememberedSteps}, expected 0: no layer is an LSTM or a GRU with biases and sigmoid gates.",
                nameof(rememberedSteps));
        }
    }

    private void Remember<T>(Span<T> parameters, RandomSource random, int steps)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int i = 0; i < _layers.Length; i++)
        {
            foreach (Direction d in _layers[i].Directions)
            {
                if (_layers[i] is not RecurrentLayer layer || !CanRemember(layer.For(d)))
                {
                    continue;
                }

                // Gate order i f g o, with coupled gates i g o, or r z n.
                int size = layer.HiddenSize;
                Span<T> bias = Slot(i, d, ParameterRole.InputBias)!.In(parameters);
                for (int unit = 0; unit < size; unit++)
                {
                    T keep = T.CreateTruncating(Math.Log(1 + ((steps - 2) * random.NextDouble())));
                    if (layer.Cell == CellKind.Lstm)
                    {
                        bias[unit] = -keep;
                    }

                    if (!layer.CoupledGates)
                    {
                        bias[size + unit] = keep;
                    }
                }
            }
        }
    }
}
