namespace SpanRnn.Tests;

/// <summary>A number on a <see cref="ScalarTape"/>.</summary>
internal readonly record struct Scalar(ScalarTape Tape, int Index)
{
    public double Value => Tape.Value(Index);

    public static Scalar operator +(Scalar a, Scalar b) => a.Tape.Add(a.Value + b.Value, a.Index, 1, b.Index, 1);

    public static Scalar operator -(Scalar a, Scalar b) => a.Tape.Add(a.Value - b.Value, a.Index, 1, b.Index, -1);

    public static Scalar operator *(Scalar a, Scalar b) => a.Tape.Add(a.Value * b.Value, a.Index, b.Value, b.Index, a.Value);

    public static Scalar operator /(Scalar a, Scalar b) =>
        a.Tape.Add(a.Value / b.Value, a.Index, 1 / b.Value, b.Index, -a.Value / (b.Value * b.Value));

    public static Scalar operator -(double a, Scalar b) => b.Tape.Add(a - b.Value, b.Index, -1, -1, 0);

    public static Scalar Exp(Scalar a)
    {
        double y = Math.Exp(a.Value);
        return a.Tape.Add(y, a.Index, y, -1, 0);
    }

    public static Scalar Log(Scalar a) => a.Tape.Add(Math.Log(a.Value), a.Index, 1 / a.Value, -1, 0);

    public static Scalar Tanh(Scalar a)
    {
        double y = Math.Tanh(a.Value);
        return a.Tape.Add(y, a.Index, 1 - (y * y), -1, 0);
    }

    public static Scalar Sigmoid(Scalar a)
    {
        double y = 1 / (1 + Math.Exp(-a.Value));
        return a.Tape.Add(y, a.Index, y * (1 - y), -1, 0);
    }

    /// <summary>Φ(a) of the normal distribution.</summary>
    public static Scalar Normal(Scalar a) =>
        a.Tape.Add(NormalDistribution.Below(a.Value), a.Index, NormalDistribution.Density(a.Value), -1, 0);

    /// <summary>max(a, 0), with slope 0 at 0.</summary>
    public static Scalar Ramp(Scalar a)
    {
        a.Tape.PassKink(a.Value);
        return a.Tape.Add(Math.Max(a.Value, 0), a.Index, a.Value > 0 ? 1 : 0, -1, 0);
    }

    /// <summary>1 where a &gt; 0, else 0; flat on both sides.</summary>
    public static Scalar Jump(Scalar a)
    {
        a.Tape.PassKink(a.Value);
        return a.Tape.Add(a.Value > 0 ? 1 : 0, a.Index, 0, -1, 0);
    }
}
