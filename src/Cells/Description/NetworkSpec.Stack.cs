using SpanRnn.Cells.Description;

namespace SpanRnn;

/// <content>The stack of layers that both engines walk over.</content>
public sealed partial class NetworkSpec
{
    private readonly StackLayer[] _stack;

    /// <summary>
    /// The layers from bottom to top, then the head if there is one. The first one reads the network's input, every other one reads the
    /// layer below, and the output of the last one is the network's. A layer has the same index here as in <see cref="Layers"/>.
    /// </summary>
    internal ReadOnlySpan<StackLayer> Stack => _stack;

    private List<StackLayer> ListStack()
    {
        List<StackLayer> stack = [];
        foreach (LayerSpec layer in _layers)
        {
            int index = stack.Count;
            stack.Add(new StackLayer
            {
                Spec = layer,
                InputSize = _inputSizes[index],
                OutputSize = _inputSizes[index + 1],
                Input = InputOf(index),
                HiddenStates = Array.FindAll(_states, state => state.Layer == index && state.Kind == StateKind.Hidden),
                Weights = layer is DenseLayer ? Slot(index, Direction.Forward, ParameterRole.InputWeights) : null,
                Bias = layer is DenseLayer ? Slot(index, Direction.Forward, ParameterRole.InputBias) : null,
                Scale = Slot(index, Direction.Forward, ParameterRole.Scale),
                Shift = Slot(index, Direction.Forward, ParameterRole.Shift),
            });
        }

        if (Head is not null)
        {
            stack.Add(new StackLayer
            {
                Spec = new DenseLayer(Head.OutputSize) { Activation = Head.Activation, Bias = Head.Bias },
                InputSize = _inputSizes[^1],
                OutputSize = Head.OutputSize,
                Input = InputOf(_layers.Length),
                HiddenStates = [],
                Weights = HeadWeights,
                Bias = HeadBias,
                Normalization = Head.Normalization,
                Skip = Head.Skip,
            });
        }

        return stack;
    }

    // A head that reads the end of a sequence reads it through the dense layers between the last recurrent layer and itself.
    private LayerInput InputOf(int index)
    {
        int above = index - LastRecurrentOf(_layers);
        return !IsManyToOne || above <= 0 ? LayerInput.Steps
            : above > 1 ? LayerInput.Sequences
            : Head!.Position == HeadPosition.LastOutput ? LayerInput.LastOutputs : LayerInput.FinalStates;
    }
}
