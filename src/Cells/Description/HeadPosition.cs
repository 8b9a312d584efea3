namespace SpanRnn;

/// <summary>Steps on which a head computes an output.</summary>
public enum HeadPosition
{
    /// <summary>The head reads the output of every step: many to many.</summary>
    EveryStep,

    /// <summary>
    /// The head reads the final hidden state of every sequence: many to one. In a bidirectional layer this is the state of each direction
    /// after its last step; the last step of the reverse direction is at the first element of the sequence. Dense layers between the last
    /// recurrent layer and the head have one row per sequence too: the lowest reads the final state, and the head reads the highest.
    /// </summary>
    LastStep,

    /// <summary>
    /// As <see cref="LastStep"/>, but the head reads the output of the last recurrent layer at the last step of every sequence, which other
    /// libraries call y[−1]. In a reverse direction this is the state after its first step. Without a reverse direction it is the same as
    /// LastStep.
    /// </summary>
    LastOutput,
}
