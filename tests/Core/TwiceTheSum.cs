namespace SpanRnn.Tests;

/// <summary>
/// A sum of products as if computed in twice the precision and rounded at the end (Ogita, Rump and Oishi 2005, Dot2).
/// </summary>
internal struct TwiceTheSum
{
    private double _sum;
    private double _rest;

    public double Magnitudes { get; private set; }

    public void Add(double a, double b)
    {
        double product = a * b;
        double sum = _sum + product;
        double part = sum - _sum;
        _rest += Math.FusedMultiplyAdd(a, b, -product) + ((_sum - (sum - part)) + (product - part));
        _sum = sum;
        Magnitudes += Math.Abs(product);
    }

    public readonly double DistanceTo(double value) => Math.Abs((value - _sum) - _rest);
}
