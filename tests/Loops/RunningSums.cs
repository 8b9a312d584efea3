namespace SpanRnn.Tests;

/// <summary>
/// Follows one turn of a loop to find the registers that hold, at its end, their own value at its start plus products. Polynomials have
/// multiply-adds as well, but none of their registers lasts.
/// </summary>
internal sealed class RunningSums
{
    // Content of the registers and places on the stack that the turn has written.
    private readonly Dictionary<string, Value> _values = new(StringComparer.Ordinal);

    /// <summary>Instructions that added to a sum that lasts.</summary>
    public IEnumerable<Instruction> Additions =>
        _values.Where(value => value.Value.Origin == value.Key).SelectMany(value => value.Value.Additions);

    public void Follow(Instruction instruction)
    {
        if (instruction.Operands.Count > 0 && Place(instruction.Operands[0]) is string to)
        {
            _values[to] = Result(instruction);
        }
    }

    private Value Result(Instruction instruction)
    {
        if (instruction.Addend is string addend)
        {
            return At(addend).Plus(instruction);
        }

        if (instruction.IsSum)
        {
            Value a = At(instruction.Operands[^2]), b = At(instruction.Operands[^1]);
            return a.IsProduct ? b.Plus(instruction) : b.IsProduct ? a.Plus(instruction) : Value.Other;
        }

        return instruction.IsProduct ? Value.Product : instruction.IsTransfer ? At(instruction.Operands[^1]) : Value.Other;
    }

    private Value At(string operand) => Place(operand) is not string place ? Value.Other
        : _values.TryGetValue(place, out Value? value) ? value
        : new Value(place, IsProduct: false, []);

    // Registers of all widths are parts of the widest. Places that a loop reads and writes elsewhere are its operands.
    private static string? Place(string operand) => Instruction.IsVector(operand) ? operand[1..]
        : operand.Contains("[rsp", StringComparison.Ordinal) || operand.Contains("[rbp", StringComparison.Ordinal)
            ? operand[operand.IndexOf('[', StringComparison.Ordinal)..]
        : null;

    /// <summary>Content: that of <paramref name="Origin"/> when the turn began plus products, or a product, or neither.</summary>
    private sealed record Value(string? Origin, bool IsProduct, IReadOnlyList<Instruction> Additions)
    {
        public static Value Other { get; } = new(null, IsProduct: false, []);

        public static Value Product { get; } = new(null, IsProduct: true, []);

        public Value Plus(Instruction instruction) => Origin is null ? Other : this with { Additions = [.. Additions, instruction] };
    }
}
