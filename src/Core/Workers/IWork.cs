namespace SpanRnn.Core.Workers;

/// <summary>Work in parts that do not depend on each other: any thread may do any part, in any order.</summary>
internal interface IWork
{
    /// <summary>Does one part.</summary>
    void Run(int part);
}
