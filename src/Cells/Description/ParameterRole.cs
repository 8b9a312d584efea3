namespace SpanRnn;

/// <summary>Role of a parameter. G is the number of gates, H the hidden size, P the size of h, I the layer's input size.</summary>
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

    /// <summary>The peephole weights of an LSTM's i, f and o, [3, H]; of i and o if the gates are coupled, [2, H].</summary>
    Peepholes,

    /// <summary>The initial h of sequences, [1, P].</summary>
    InitialHidden,

    /// <summary>The initial c of sequences in an LSTM, [1, H].</summary>
    InitialCell,

    /// <summary>The scale s of each feature in a layer without a matrix, or the slopes of a PReLU, [I].</summary>
    Scale,

    /// <summary>The shift t of each feature in a layer without a matrix, [I].</summary>
    Shift,
}
