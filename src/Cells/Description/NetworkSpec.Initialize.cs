using System.Numerics;
using SpanRnn.Core;

namespace SpanRnn;

/// <content>Starting values of the parameters.</content>
public sealed partial class NetworkSpec
{
    /// <summary>
    /// Draws starting values of all parameters. Input, dense, projection and head weights are uniform (Glorot and Bengio 2010), each gate
    /// on its own. Recurrent weights are orthogonal (Saxe et al. 2014), each gate on its own. The table of an embedding is normal, as in
    /// PyTorch. Biases are zero, but an LSTM's forget gate, unless it is coupled, has a bias of 1 (Jozefowicz et al. 2015), so that an
    /// untrained network remembers. Peepholes and trainable initial states are zero, as if they were not there.
    /// </summary>
    /// <param name="parameters">[Parameters.Length] out.</param>
    /// <param name="random">Source of the values. A network in float and one in double start alike from one seed.</param>
    /// <typeparam name="T"><see cref="float"/> or <see cref="double"/>.</typeparam>
    /// <exception cref="ArgumentException">The length is wrong.</exception>
    /// <remarks>For set-up. Allocates scratch memory.</remarks>
    public void Initialize<T>(Span<T> parameters, RandomSource random)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Guard.Length<T>(parameters, Parameters.Length, "Parameters.Length");
        ArgumentNullException.ThrowIfNull(random);
        parameters.Clear();
        for (int i = 0; i < _layers.Length; i++)
        {
            LayerSpec layer = _layers[i];
            int size = layer.HiddenSize;
            foreach (Direction d in layer.Directions)
            {
                ParameterSlot input = Slot(i, d, ParameterRole.InputWeights)!;
                ParameterSlot? recurrent = Slot(i, d, ParameterRole.RecurrentWeights);
                for (int gate = 0; gate < layer.Gates; gate++)
                {
                    Span<T> rows = input.In(parameters).Slice(gate * size * input.Columns, size * input.Columns);
                    Initializers.GlorotUniform(rows, input.Columns, size, random);
                    if (recurrent is not null)
                    {
                        rows = recurrent.In(parameters).Slice(gate * size * recurrent.Columns, size * recurrent.Columns);
                        Initializers.Orthogonal(rows, size, recurrent.Columns, random);
                    }
                }

                if (Slot(i, d, ParameterRole.ProjectionWeights) is { } projection)
                {
                    Initializers.GlorotUniform(projection.In(parameters), projection.Columns, projection.Rows, random);
                }

                if (layer is { Cell: CellKind.Lstm, CoupledGates: false } && Slot(i, d, ParameterRole.InputBias) is { } bias)
                {
                    // Gate order i f g o.
                    bias.In(parameters).Slice(size, size).Fill(T.One);
                }
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

        if (HeadWeights is { } head)
        {
            Initializers.GlorotUniform(head.In(parameters), head.Columns, head.Rows, random);
        }
    }
}
