namespace SpanRnn.Cells.Equations;

/// <summary>The units of a row, a register at a time: the place at which a cell finds and leaves their numbers.</summary>
internal interface IUnits<V>
    where V : struct
{
    /// <summary>Goes on to the next register; false if there is none.</summary>
    bool Next();

    /// <summary>Loads h′, the state of the step before; in the first phase of a gated cell after its dropout mask.</summary>
    V PreviousH();

    /// <summary>Loads c′.</summary>
    V PreviousC();

    /// <summary>Loads the new c.</summary>
    V C();

    /// <summary>Loads U·h′ + d of the candidate, in a cell that has it apart.</summary>
    V CandidateProduct();

    /// <summary>Loads a row of the layer's peephole weights.</summary>
    V Peephole(int row);
}
