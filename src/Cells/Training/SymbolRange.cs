using System.Diagnostics.CodeAnalysis;

namespace SpanRnn.Cells.Training;

/// <summary>Check of the symbols that are the input of a network.</summary>
internal static class SymbolRange
{
    /// <summary>Throws unless <paramref name="symbol"/> is 0 to <paramref name="symbols"/> − 1.</summary>
    public static void Check(int symbol, int symbols, int sequence, int step)
    {
        if ((uint)symbol >= (uint)symbols)
        {
            ThrowSymbol(symbol, symbols, sequence, step);
        }
    }

    [DoesNotReturn]
    private static void ThrowSymbol(int symbol, int symbols, int sequence, int step) => throw new ArgumentOutOfRangeException(
        nameof(symbols), $"'symbols' has the symbol {symbol} at step {step} of sequence {sequence}, expected 0 to {symbols - 1}.");
}
