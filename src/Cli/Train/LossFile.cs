using System.Globalization;
using System.Text;
using SpanRnn.Cli.Output;

namespace SpanRnn.Cli.Train;

/// <summary>
/// CSV file with one line per step, which grows with the run. A resumed run keeps the lines of the steps before it, so that the file
/// ends as that of a run that never stopped.
/// </summary>
internal sealed class LossFile : IDisposable
{
    private const string Header = "step,loss,gradient_norm,clipped,rate";

    private readonly StreamWriter _writer;

    /// <summary>Opens the file and removes the lines after the last step.</summary>
    /// <param name="path">The file.</param>
    /// <param name="steps">The number of steps that were taken; 0 starts a new file.</param>
    public LossFile(string path, long steps)
    {
        string[] before = steps > 0 && File.Exists(path) ? File.ReadAllLines(path) : [];
        string[] kept = [.. before.Skip(1).TakeWhile(line => long.TryParse(line.Split(',')[0], out long step) && step < steps)];
        OutputFiles.Write(path, Encoding.ASCII.GetBytes(string.Concat(kept.Prepend(Header).Select(line => line + '\n'))));
        _writer = new StreamWriter(path, append: true);
    }

    public void Write(StepReport report) => _writer.Write(string.Create(
        CultureInfo.InvariantCulture,
        $"{report.Step},{report.Loss},{report.GradientNorm},{report.ClippedFraction},{report.LearningRate}\n"));

    /// <summary>Writes all lines to the file. Called before a checkpoint, all of whose steps then have a line.</summary>
    public void Flush() => _writer.Flush();

    public void Dispose() => _writer.Dispose();
}
