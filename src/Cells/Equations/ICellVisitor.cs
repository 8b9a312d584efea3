namespace SpanRnn.Cells.Equations;

/// <summary>Code that runs with the type of a cell as its type argument.</summary>
internal interface ICellVisitor<TResult>
{
    /// <summary>The result for a cell.</summary>
    TResult Visit<TCell>(TCell cell)
        where TCell : struct, ICell;
}
