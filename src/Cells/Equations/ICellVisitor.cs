namespace SpanRnn.Cells.Equations;

/// <summary>Code that runs with the type of a cell as its type argument.</summary>
internal interface ICellVisitor<TResult>
{
    /// <summary>The result for <typeparamref name="TCell"/>.</summary>
    TResult Visit<TCell>()
        where TCell : struct, ICell;
}
