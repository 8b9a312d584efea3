namespace SpanRnn.Cells;

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
}
