using SpanRnn.Tasks.Models;

namespace SpanRnn.Tasks;

/// <summary>
/// How far back a network learns from: the norm of the gradient of the loss at the end of a sequence with respect to the input of each step
/// before. Where it is next to nothing, training cannot find out that the step matters (Bengio et al. 1994).
/// </summary>
public static class GradientOverTime
{
    /// <summary>
    /// Computes ‖∂L/∂x‖ of each step by its distance from the last one, the mean over sequences that have such a step. L is the loss of the
    /// last output of a sequence alone, x what goes into the first layer: one-hot symbols, a row of the table, or scaled numbers.
    /// </summary>
    /// <param name="model">The network and its task, with one output per sequence or of the last symbol; in one direction.</param>
    /// <param name="file">The sequences, with what shall be predicted.</param>
    /// <returns>[steps of the longest sequence] from distance 0, the last step, on; computed in double, which has 1e-300 too.</returns>
    /// <exception cref="ModelFormatException">A record does not fit the model's task; the message has its line.</exception>
    /// <exception cref="ArgumentException">The network has one output for each label of a symbol, or predicts the next symbol.</exception>
    public static double[] Of(SequenceModel model, SequenceFile file)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(file);
        SequenceTask task = model.Task;
        if (!task.IsManyToOne)
        {
            throw new ArgumentException(
                $"'model' was trained for {task.Kind}, expected a task with one answer for a sequence.", nameof(model));
        }

        task.Check(file, SequenceModel.LeastLength(model.Spec));
        NetworkSpec spec = model.Spec;
        var network = new Network<double>(spec);
        double[] parameters = new double[spec.Parameters.Length];
        for (int i = 0; i < parameters.Length; i++)
        {
            parameters[i] = model.Parameters[i];
        }

        double[] gradients = new double[parameters.Length];
        double[] sums = [];
        int[] counts = [];
        var layout = new SequenceLayout();
        foreach (SequenceRecord record in file.Records)
        {
            EncodedSequence encoded = task.Encode(record, file.Name);
            int steps = encoded.Length - (task.Kind == TaskKind.Last ? 1 : 0);
            layout.Set(steps, [steps]);
            double[] dx = new double[spec.InputLength(steps, 1)];
            Backward(network, task, record, file, encoded, parameters, layout, dx, gradients);
            if (sums.Length < steps)
            {
                Array.Resize(ref sums, steps);
                Array.Resize(ref counts, steps);
            }

            for (int distance = 0; distance < steps; distance++)
            {
                double sum = 0;
                foreach (double value in dx.AsSpan((steps - 1 - distance) * spec.InputSize, spec.InputSize))
                {
                    sum += value * value;
                }

                sums[distance] += Math.Sqrt(sum);
                counts[distance]++;
            }
        }

        return [.. sums.Select((sum, distance) => sum / counts[distance])];
    }

    // dx ← the gradient of the loss of the last output.
    private static void Backward(
        Network<double> network,
        SequenceTask task,
        SequenceRecord record,
        SequenceFile file,
        EncodedSequence encoded,
        double[] parameters,
        SequenceLayout layout,
        double[] dx,
        double[] gradients)
    {
        NetworkSpec spec = network.Spec;
        double[] x = new double[dx.Length];
        if (task.Alphabet is null)
        {
            for (int i = 0; i < x.Length; i++)
            {
                x[i] = encoded.Numbers[i];
            }
        }
        else
        {
            network.Embed(parameters, layout, encoded.Symbols.AsSpan(0, layout.Steps), x);
        }

        double[] y = new double[spec.OutputLength(layout.Steps, 1)];
        double[] dy = new double[y.Length];
        double[] state = new double[network.StateLength(1)];
        double[] tape = new double[network.TapeLength(layout)];
        double[] workspace = new double[network.WorkspaceLength(layout)];
        network.WriteInitialState(parameters, 1, state);
        network.Forward(parameters, layout, x, state, y, tape, workspace);

        Span<double> last = y.AsSpan()[^task.OutputSize..];
        Span<double> dLast = dy.AsSpan()[^task.OutputSize..];
        if (task.Kind == TaskKind.Regress)
        {
            dLast[0] = 2 * (last[0] - task.TargetScale!.Scaled([[SequenceTask.Target(record, file.Name)]])[0]);
        }
        else
        {
            Activations.Softmax<double>(last, dLast);
            dLast[task.Kind == TaskKind.Last ? encoded.Symbols[^1] : task.Class(record, file.Name)] -= 1;
        }

        network.Backward(
            parameters,
            layout,
            tape,
            new BackwardBuffers<double> { Dy = dy, DState = new double[state.Length], Dx = dx, Gradients = gradients },
            workspace);
    }
}
