using SpanRnn.Cells.Description;

namespace SpanRnn;

/// <content>The stack of layers that both engines walk over.</content>
public sealed partial class NetworkSpec
{
    private readonly StackLayer[] _stack;

    /// <summary>
    /// The layers from bottom to top, as the engines need them. The first one reads the network's input, every other one reads the layer
    /// below, and the output of the last one is the network's.
    /// </summary>
    internal ReadOnlySpan<StackLayer> Stack => _stack;

    private List<StackLayer> ListStack()
    {
        List<StackLayer> stack = [];
        int firstProduct = Array.FindIndex(_layers, layer => layer is RecurrentLayer or DenseLayer);
        int head = Array.FindLastIndex(_layers, layer => layer is RecurrentLayer or DenseLayer);
        foreach (LayerSpec layer in _layers)
        {
            int index = stack.Count;
            LayersBelow below = new(_layers.AsSpan(0, index), _inputSizes.AsSpan(0, index + 1));
            stack.Add(new StackLayer
            {
                Index = index,
                Spec = layer,
                InputSize = _inputSizes[index],
                OutputSize = _inputSizes[index + 1],
                ReadsSequences = below.IsPerSequence,
                States = Array.FindAll(_states, state => state.Layer == index),
                ReadStates = layer is FinalStateLayer final ? final.In(_states, index) : [],
                HasInputDropout = layer is RecurrentLayer or DenseLayer
                    && index > firstProduct
                    && !(index == head && layer is DenseLayer),
                Weights = layer is RecurrentLayer ? null : Slot(index, Direction.Forward, ParameterRole.InputWeights),
                Bias = layer is RecurrentLayer ? null : Slot(index, Direction.Forward, ParameterRole.InputBias),
                Scale = Slot(index, Direction.Forward, ParameterRole.Scale),
                Shift = Slot(index, Direction.Forward, ParameterRole.Shift),
            });
        }

        return stack;
    }
}
