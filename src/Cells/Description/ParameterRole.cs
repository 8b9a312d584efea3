namespace SpanRnn;

/// <summary>What a tensor does. G is the number of gates, P the size of h, I the size of the layer's input.</summary>
public enum ParameterRole
{
    /// <summary>W, [G·H, I].</summary>
    InputWeights,

    /// <summary>U, [G·H, P].</summary>
    RecurrentWeights,

    /// <summary>b, [G·H].</summary>
    InputBias,

    /// <summary>d, [G·H].</summary>
    RecurrentBias,

    /// <summary>The projection of an LSTM's h, [P, H].</summary>
    ProjectionWeights,

    /// <summary>The peephole weights of an LSTM's i, f and o, [3, H]; of i and o where f is coupled, [2, H].</summary>
    Peepholes,

    /// <summary>The h that sequences start from, [1, P].</summary>
    InitialHidden,

    /// <summary>The c that sequences of an LSTM start from, [1, H].</summary>
    InitialCell,
}
