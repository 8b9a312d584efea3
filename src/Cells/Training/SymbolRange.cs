using System.Diagnostics.CodeAnalysis;

namespace SpanRnn.Cells.Training;

/// <summary>Symbols as the input of a network.</summary>
internal static class SymbolRange
{
    /// <summary>Throws unless <paramref name="symbol"/> is one of <paramref name="symbols"/>.</summary>
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
