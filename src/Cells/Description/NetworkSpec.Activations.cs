using SpanRnn.Cells.Description;

namespace SpanRnn;

/// <content>The activations of all layers.</content>
public sealed partial class NetworkSpec
{
    private readonly NetworkActivation[] _activations;

    /// <summary>
    /// Every activation that the network computes: for each layer in order those of each direction. A cell without gates has no gate
    /// activation here, and only an LSTM has an output activation.
    /// </summary>
    internal ReadOnlySpan<NetworkActivation> Activations => _activations;

    private List<NetworkActivation> ListActivations()
    {
        List<NetworkActivation> activations = [];
        for (int i = 0; i < _layers.Length; i++)
        {
            string place = $"Layer {i}";
            foreach (Direction direction in _layers[i].Directions)
            {
                foreach (ActivationSpec activation in _layers[i].ActivationsOf(direction))
                {
                    activations.Add(new(place, activation));
                }
            }
        }

        return activations;
    }
}
