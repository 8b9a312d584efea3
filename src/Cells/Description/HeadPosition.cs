namespace SpanRnn;

/// <summary>Where a head stands.</summary>
public enum HeadPosition
{
    /// <summary>On the output of every step: many to many.</summary>
    EveryStep,

    /// <summary>
    /// On the final hidden state of every sequence: many to one. Of a bidirectional layer that is the state of both directions after
    /// their last step, which for the reverse one is the first element of the sequence. Dense layers between the last recurrent one and
    /// the head then read that state too, each the one below, and the head the last of them.
    /// </summary>
    LastStep,

    /// <summary>
    /// As <see cref="LastStep"/>, but on what the last recurrent layer gives for the last step of every sequence: y[−1] of other libraries.
    /// Of its reverse direction that is the state after its first step; without one it is the same as LastStep.
    /// </summary>
    LastOutput,
}
