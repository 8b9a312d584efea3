namespace SpanRnn.Tests;

/// <summary>
/// An LSTM and its backpropagation as written by hand, with mistakes that can be switched on and that a gradient check must catch. It
/// runs one sequence. The point is [W, U, b, d, x, h0, c0], the loss a linear functional of all h and the last c.
/// </summary>
internal sealed class HandWrittenLstm
{
    public const int PointLength = (Rows * (Inputs + Units + 2)) + (Steps * Inputs) + (2 * Units);

    private const int Inputs = 2;
    private const int Units = 3;
    private const int Steps = 4;
    private const int Rows = 4 * Units;

    // Places in the point.
    private const int W = 0;
    private const int U = W + (Rows * Inputs);
    private const int B = U + (Rows * Units);
    private const int D = B + Rows;
    private const int X = D + Rows;
    private const int H0 = X + (Steps * Inputs);
    private const int C0 = H0 + Units;

    private readonly double[] _point;
    private readonly double[,] _h = new double[Steps + 1, Units];
    private readonly double[,] _c = new double[Steps + 1, Units];
    private readonly double[,] _gates = new double[Steps, Rows];

    public HandWrittenLstm(ReadOnlySpan<double> point)
    {
        _point = point.ToArray();
        Forward();
    }

    public double Loss
    {
        get
        {
            double loss = 0;
            for (int j = 0; j < Units; j++)
            {
                for (int t = 0; t < Steps; t++)
                {
                    loss += OutputWeight(t, j) * _h[t + 1, j];
                }

                loss += CellWeight(j) * _c[Steps, j];
            }

            return loss;
        }
    }

    public double[] Gradient(SeededBug bug)
    {
        double[] gradient = new double[PointLength];
        double[] dh = new double[Units];
        double[] dc = new double[Units];
        for (int j = 0; j < Units && bug != SeededBug.FinalStateDropped; j++)
        {
            dc[j] = CellWeight(j);
        }

        for (int t = Steps - 1; t >= 0; t--)
        {
            double[] da = new double[Rows];
            for (int j = 0; j < Units; j++)
            {
                double i = _gates[t, j];
                double f = _gates[t, Units + j];
                double g = _gates[t, (2 * Units) + j];
                double o = _gates[t, (3 * Units) + j];
                double s = Math.Tanh(_c[t + 1, j]);
                dh[j] += OutputWeight(t, j);
                dc[j] += dh[j] * o * (1 - (s * s));
                da[j] = dc[j] * g * i * (1 - i);
                da[Units + j] = dc[j] * _c[bug == SeededBug.ForgetGateReadsNewCell ? t + 1 : t, j] * f * (1 - f);
                da[(2 * Units) + j] = dc[j] * i * (1 - (g * g)) * (bug == SeededBug.CandidateSignTurned ? -1 : 1);
                da[(3 * Units) + j] = dh[j] * s * (bug == SeededBug.OutputGateSlopeForgotten ? 1 : o * (1 - o));
                dc[j] = bug == SeededBug.CellNotCarried ? 0 : dc[j] * f;
            }

            Array.Clear(dh);
            for (int row = 0; row < Rows; row++)
            {
                for (int k = 0; k < Inputs; k++)
                {
                    gradient[W + (row * Inputs) + k] += da[row] * _point[X + (t * Inputs) + k];
                    int step = bug == SeededBug.InputGradientOfNextStep ? (t + 1) % Steps : t;
                    gradient[X + (step * Inputs) + k] += da[row] * _point[W + (row * Inputs) + k];
                }

                for (int k = 0; k < Units; k++)
                {
                    gradient[U + (row * Units) + k] += da[row] * _h[bug == SeededBug.RecurrentWeightsReadNewHidden ? t + 1 : t, k];

                    // U of one gate is [H, H], so that a transposed one has the right shape and the wrong numbers.
                    (int r, int c) = bug == SeededBug.RecurrentWeightsTransposed
                        ? ((row / Units * Units) + k, row % Units)
                        : (row, k);
                    dh[k] += bug == SeededBug.HistoryTruncated ? 0 : da[row] * _point[U + (r * Units) + c];
                }

                gradient[B + row] += da[row];
                gradient[D + row] += bug == SeededBug.RecurrentBiasForgotten ? 0 : da[row];
            }
        }

        dh.CopyTo(gradient, H0);
        dc.CopyTo(gradient, C0);
        return gradient;
    }

    private static double OutputWeight(int t, int j) => Math.Cos((2 * t) + j);

    private static double CellWeight(int j) => 1 + (0.5 * j);

    private void Forward()
    {
        for (int j = 0; j < Units; j++)
        {
            _h[0, j] = _point[H0 + j];
            _c[0, j] = _point[C0 + j];
        }

        for (int t = 0; t < Steps; t++)
        {
            for (int row = 0; row < Rows; row++)
            {
                double a = _point[B + row] + _point[D + row];
                for (int k = 0; k < Inputs; k++)
                {
                    a += _point[W + (row * Inputs) + k] * _point[X + (t * Inputs) + k];
                }

                for (int k = 0; k < Units; k++)
                {
                    a += _point[U + (row * Units) + k] * _h[t, k];
                }

                _gates[t, row] = row / Units == 2 ? Math.Tanh(a) : 1 / (1 + Math.Exp(-a));
            }

            for (int j = 0; j < Units; j++)
            {
                _c[t + 1, j] = (_gates[t, Units + j] * _c[t, j]) + (_gates[t, j] * _gates[t, (2 * Units) + j]);
                _h[t + 1, j] = _gates[t, (3 * Units) + j] * Math.Tanh(_c[t + 1, j]);
            }
        }
    }
}
