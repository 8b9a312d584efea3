using SpanRnn.Formats.Json;

namespace SpanRnn.Formats.Keras;

/// <summary>
/// Values that the layers of a model give: the end of the chain so far and, in a Functional model, earlier values that a skip can start
/// from. A Sequential has the end alone.
/// </summary>
internal sealed class KerasValues
{
    private readonly Dictionary<string, Value> _values = [];

    // Layers that several others read, and the values of them.
    private readonly HashSet<string> _forks = [];
    private readonly HashSet<Value> _forked = [];

    private Value? _end;
    private string _before = "none";

    /// <summary>Starts at the input of a model.</summary>
    public KerasValues(JsonPart model)
    {
        HashSet<string> read = [];
        _forks.UnionWith(KerasLayer.All(model).SelectMany(layer => layer.Reads ?? []).Where(name => !read.Add(name)));
    }

    /// <summary>True if several layers read the end of the chain, so that what follows may not change it.</summary>
    public bool IsFork => _end is { } end && _forked.Contains(end);

    /// <summary>Refuses a layer that does not read the end of the chain alone.</summary>
    public void CheckReads(KerasLayer layer)
    {
        switch (layer.Reads)
        {
            case null:
                return;
            case [var only] when IsEnd(only):
                return;
            case [var only]:
                throw layer.Fail(
                    $"reads {ModelFormatException.Quote(only)}, expected the layer before it, {ModelFormatException.Quote(_before)}: "
                    + "a branch with layers of its own has no place in a chain");
            case var several when layer.Type is "Concatenate" or "Subtract" or "Multiply" or "Average" or "Maximum" or "Minimum" or "Dot":
                throw layer.Fail(
                    $"joins {several.Count} branches, expected one chain of layers: only Add joins, what an earlier layer gives");
            case var several:
                throw layer.Fail($"reads {several.Count} tensors, expected one");
        }
    }

    /// <summary>Finds what a sum adds to the end of the chain.</summary>
    public Value[] Added(KerasLayer layer)
    {
        List<string> summands = [.. layer.Reads ?? []];
        int end = summands.FindIndex(IsEnd);
        if (end >= 0)
        {
            summands.RemoveAt(end);
        }

        string? other = end < 0 ? summands.FirstOrDefault() : summands.Find(name => !_values.ContainsKey(name) || IsEnd(name));
        return other is null ? [.. summands.Select(name => _values[name])] : throw layer.Fail(
            $"adds {ModelFormatException.Quote(other)}, expected the layer before it, {ModelFormatException.Quote(_before)}, and what "
            + "earlier layers of the chain give: branches with layers of their own have no place in a chain");
    }

    /// <summary>Makes the input the end of the chain.</summary>
    public void Start(KerasLayer input)
    {
        if (_end is not null && input.Reads is not null)
        {
            throw input.Fail("is a second input, expected one chain of layers");
        }

        End(input, default);
    }

    /// <summary>Gives what a layer without effect reads its name too.</summary>
    public void Pass(KerasLayer layer)
    {
        if (layer.Reads is [var only] && _values.TryGetValue(only, out Value value) && value != _end)
        {
            Name(layer, value);
            return;
        }

        CheckReads(layer);
        End(layer, _end ?? default);
    }

    /// <summary>Makes what a layer gives the end of the chain.</summary>
    public void End(KerasLayer layer, Value value)
    {
        // Symbols are no numbers: what adds them is refused.
        if (layer.Type == "Embedding")
        {
            _values.Clear();
        }

        Name(layer, value);
        (_end, _before) = (value, layer.Name);
    }

    /// <summary>Refuses an output of the model that is not the end of the chain.</summary>
    public void CheckOutput(JsonPart model)
    {
        if (KerasLayer.OutputOf(model) is { } output && !IsEnd(output))
        {
            throw model.Get("config").Get("output_layers").Fail(
                $"names {ModelFormatException.Quote(output)}, expected only the last layer, {ModelFormatException.Quote(_before)}");
        }
    }

    private bool IsEnd(string name) => _values.TryGetValue(name, out Value value) && value == _end;

    private void Name(KerasLayer layer, Value value)
    {
        _values[layer.Name] = value;
        if (_forks.Contains(layer.Name))
        {
            _forked.Add(value);
        }
    }

    /// <summary>The value that a layer gives.</summary>
    /// <param name="Layer">Index of the layer of the network that would read it.</param>
    /// <param name="Size">Numbers in a row; 0 of the input, whose size a later layer may tell.</param>
    /// <param name="IsPerSequence">True if there is one row per sequence.</param>
    /// <param name="IsReversed">True if its steps run from the last to the first.</param>
    public readonly record struct Value(int Layer, int Size, bool IsPerSequence, bool IsReversed);
}
