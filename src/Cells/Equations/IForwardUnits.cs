namespace SpanRnn.Cells.Equations;

/// <summary>Numbers of the units of one register in a forward step.</summary>
internal interface IForwardUnits<V> : IUnits<V>
    where V : struct
{
    /// <summary>Loads the pre-activation of a gate, before <see cref="Keep"/>.</summary>
    V Gate(int gate);

    /// <summary>
    /// Keeps a number of a gate for backward, if there is a tape, in the place of its pre-activation. A gate that both phases need is kept
    /// in the last one.
    /// </summary>
    void Keep(int gate, V value);

    /// <summary>Stores the new h.</summary>
    void StoreH(V h);

    /// <summary>Stores the new c.</summary>
    void StoreC(V c);

    /// <summary>Stores the state that the candidate's product takes, in the first phase of a gated cell.</summary>
    void StoreGated(V gated);
}
