namespace SpanRnn.Tests;

/// <summary>
/// Reverse-mode differentiation in double, one number at a time: every operation is kept with its derivatives by its operands, and the
/// tape is walked in reverse. It is as plain as possible, since the engine is compared with it.
/// </summary>
internal sealed class ScalarTape
{
    private readonly List<Node> _nodes = [];

    /// <summary>Smallest distance of any operand to a kink at 0 of its function; infinite if there was none.</summary>
    public double NearestKink { get; private set; } = double.PositiveInfinity;

    /// <summary>An independent variable.</summary>
    public Scalar Variable(double value) => Add(value, -1, 0, -1, 0);

    /// <summary>Independent variables.</summary>
    public Scalar[] Variables(ReadOnlySpan<double> values)
    {
        var variables = new Scalar[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            variables[i] = Variable(values[i]);
        }

        return variables;
    }

    /// <summary>The derivatives of Σ seeds[i] · outputs[i] by each of the variables.</summary>
    public double[] Gradient(ReadOnlySpan<Scalar> outputs, ReadOnlySpan<double> seeds, ReadOnlySpan<Scalar> variables)
    {
        double[] adjoints = new double[_nodes.Count];
        for (int i = 0; i < outputs.Length; i++)
        {
            adjoints[outputs[i].Index] += seeds[i];
        }

        for (int i = _nodes.Count - 1; i >= 0; i--)
        {
            Node node = _nodes[i];
            if (node.First >= 0)
            {
                adjoints[node.First] += adjoints[i] * node.FirstSlope;
            }

            if (node.Second >= 0)
            {
                adjoints[node.Second] += adjoints[i] * node.SecondSlope;
            }
        }

        double[] gradient = new double[variables.Length];
        for (int i = 0; i < variables.Length; i++)
        {
            gradient[i] = adjoints[variables[i].Index];
        }

        return gradient;
    }

    internal double Value(int index) => _nodes[index].Value;

    internal Scalar Add(double value, int first, double firstSlope, int second, double secondSlope)
    {
        _nodes.Add(new Node(value, first, firstSlope, second, secondSlope));
        return new Scalar(this, _nodes.Count - 1);
    }

    internal void PassKink(double operand) => NearestKink = Math.Min(NearestKink, Math.Abs(operand));

    private readonly record struct Node(double Value, int First, double FirstSlope, int Second, double SecondSlope);
}
