namespace SpanRnn.Cells.Equations;

/// <summary>Maker of a result from a type of cell.</summary>
internal interface ICellVisitor<TResult>
{
    /// <summary>The result for <typeparamref name="TCell"/>.</summary>
    TResult Visit<TCell>()
        where TCell : struct, ICell;
}
