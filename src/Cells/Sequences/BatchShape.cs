namespace SpanRnn.Cells.Sequences;

/// <summary>The live rows of a batch: those of a layout, or one step of every stream.</summary>
internal readonly struct BatchShape
{
    private readonly SequenceLayout? _layout;

    public BatchShape(SequenceLayout layout)
    {
        _layout = layout;
        Steps = layout.Steps;
        Batch = layout.Batch;
        Rows = layout.Rows;
    }

    public BatchShape(int streams)
    {
        Steps = 1;
        Batch = streams;
        Rows = streams;
    }

    public int Steps { get; }

    public int Batch { get; }

    public int Rows { get; }

    /// <summary>How many rows are alive at a step.</summary>
    public int Live(int step) => _layout is null ? Batch : SequenceLayout.CheckRows(0, _layout.Live(step), Batch);

    /// <summary>The first row of <paramref name="live"/> at a step.</summary>
    public int First(int step, int live)
    {
        int first = _layout is null ? step * Batch : _layout.Offset(step);
        SequenceLayout.CheckRows(first, live, Rows);
        return first;
    }

    /// <summary>The row of the last step of the sequence at a place; −1 of an empty one.</summary>
    public int LastRow(int place)
    {
        int row = _layout is null ? place : _layout.LastRow(place);
        SequenceLayout.CheckRows(Math.Max(row, 0), row < 0 ? 0 : 1, Rows);
        return row;
    }

    /// <summary>Which sequence stands at a place of every step.</summary>
    public int Sequence(int place) => _layout is null ? place : _layout.Sequence(place);
}
