using SpanRnn.Formats.PyTorch;
using SpanRnn.Formats.Safetensors;
using SpanRnn.Perf;

namespace SpanRnn.Tests;

/// <summary>No training step is timed before its gradients are right; nothing is timed here.</summary>
public class TrainingWorkTests
{
    private static readonly TrainingCase _case = new(CellKind.GruResetAfter, 5, 4, 3);

    [Fact]
    public void Every_cell_passes_its_check() =>
        Assert.All(
            from cell in Variants.Cells
            select new TrainingCase(cell, 17, 6, 4),
            one =>
            {
                using var cores = new Cores();
                using var work = new TrainingWork(one, [], cores);
                work.Check();
            });

    [Fact]
    public void A_wrong_number_anywhere_is_found()
    {
        var problem = new TrainingProblem(_case);
        TrainingResult expected = problem.Expected();
        TrainingResult own = problem.Own().Result();
        double[] y = [.. own.Y[..^1], own.Y[^1] + 0.001];
        double[] dx = [.. own.Dx[..^1], own.Dx[^1] + 0.001];

        Assert.InRange(own.Check("own", expected, problem.Dy, _case.Spec), 0, TrainingResult.Bound);
        Assert.StartsWith("own, loss, gives ", Message(own with { Loss = own.Loss + 0.1 }), StringComparison.Ordinal);
        Assert.StartsWith("own, loss, gives ", Message(own with { Loss = double.NaN }), StringComparison.Ordinal);
        Assert.StartsWith("own, y, gives ", Message(own with { Y = y }), StringComparison.Ordinal);
        Assert.StartsWith("own, dx, gives ", Message(own with { Dx = dx }), StringComparison.Ordinal);
        foreach (ParameterSlot slot in _case.Spec.Parameters.Slots)
        {
            double[] gradients = [.. own.Gradients];
            gradients[slot.Offset + slot.Length - 1] += 0.001;
            string message = Message(own with { Gradients = gradients });
            Assert.StartsWith($"own, gradient of {slot.Name}, gives ", message, StringComparison.Ordinal);
        }

        string Message(TrainingResult result)
        {
            PerfException e = Assert.Throws<PerfException>(() => result.Check("own", expected, problem.Dy, _case.Spec));
            Assert.Equal(Application.Failure, e.ExitCode);
            return e.Message;
        }
    }

    [Fact]
    public void One_other_bit_is_found()
    {
        TrainingResult own = new TrainingProblem(_case).Own().Result();
        TrainingResult again = new TrainingProblem(_case).Own().Result();
        double[] gradients = [.. own.Gradients];
        gradients[^1] = Math.BitIncrement(gradients[^1]);

        own.CheckSame("again", again);
        Assert.StartsWith(
            "two gives other bits",
            Assert.Throws<PerfException>(() => (own with { Gradients = gradients }).CheckSame("two", own)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Files_for_others_are_read_back()
    {
        using var folder = new TemporaryFolder();
        var problem = new TrainingProblem(_case);
        TrainingResult own = problem.Own().Result();
        problem.Write(folder.Path);
        var data = SafetensorsFile.Load(folder.File("data.safetensors"));

        // Files as a peer would write them: the outputs, and gradients under the names of the parameters.
        var results = new SafetensorsWriter();
        results.Add<double>("y", [4, 3, 5], own.Y);
        results.Add<double>("dx", [4, 3, 5], own.Dx);
        File.WriteAllBytes(folder.File("results.safetensors"), results.ToBytes());
        File.WriteAllBytes(folder.File("gradients.safetensors"), PyTorchWriter.ToBytes<double>(_case.Spec, own.Gradients));

        Assert.Equal([4, 3, 5], data.Find("x")!.Shape.ToArray());
        Assert.Equal(problem.Dy.Length, data.Find("dy")!.Length);
        Assert.Equal(_case.Spec.Parameters.Length, ModelFile.Load(folder.File("model.safetensors")).Spec.Parameters.Length);
        problem.Read(folder.Path).CheckSame("read", own);

        File.WriteAllBytes(folder.File("results.safetensors"), new SafetensorsWriter().ToBytes());
        Assert.Throws<PerfException>(() => problem.Read(folder.Path));
    }

    [Fact]
    public void Multiply_adds_are_those_of_three_products()
    {
        // 3,200 rows by [G·128, 128 + 128], three times.
        Assert.Equal(3.0 * 3200 * 512 * 256, new TrainingCase(CellKind.Lstm, 128, 100, 32).MultiplyAdds);
        Assert.Equal(3.0 * 3200 * 384 * 256, new TrainingCase(CellKind.GruResetAfter, 128, 100, 32).MultiplyAdds);
        Assert.Equal(3.0 * 3200 * 128 * 256, new TrainingCase(CellKind.Elman, 128, 100, 32).MultiplyAdds);
    }

    /// <summary>Numbers of the tape beside x and y: none of Elman; i f g o and c of the LSTM; r z n and U·h of the GRU.</summary>
    [Theory]
    [InlineData(CellKind.Elman, 0)]
    [InlineData(CellKind.Lstm, 5)]
    [InlineData(CellKind.GruResetAfter, 4)]
    public void A_tape_holds_what_is_stated(CellKind cell, int numbers) =>
        Assert.Equal((2 + numbers) * 64 * sizeof(float), TrainingProblem.TapeBytes(new TrainingCase(cell, 64, 100, 32)));

    [Fact]
    public void The_fastest_form_of_a_peer_counts()
    {
        var none = new StateMedians(null, null, 0, 0);
        TorchFigure Form(string name, double nanoseconds) => new(name, "kernels", new BesideFigure(nanoseconds, nanoseconds, 1, 1, none));
        var figure = new TrainingFigure(
            "LSTM", 1, 1, 1, none, null, 1, [Form("slow", 3), Form("fast", 2), Form("slower", 4)], 1, null, null, 0, 0, 0);

        Assert.Equal("fast", figure.BestTorch!.Form);
        Assert.Null((figure with { Torch = [] }).BestTorch);
    }

    [Fact]
    public void Every_case_is_asked_something_under_a_name_of_its_own()
    {
        TrainingCase[] cases = [.. TrainingCases.All()];

        Assert.Equal(6, cases.Select(one => one.Name).Distinct().Count());
        Assert.Contains("training GRU 256", cases.Select(one => one.Name));
        Assert.Equal((1.45, 2.2), TrainingCases.Bars(cases[0]));
        Assert.Equal((1.4, 2.0), TrainingCases.Bars(cases.Single(one => one.Name == "training GRU 256")));
    }

    [Theory]
    [InlineData(0b1011, 0, 0b1000)]
    [InlineData(0b1011, 1, 0b0010)]
    [InlineData(0b1011, 7, 0b0001)]
    [InlineData(0, 1, 0)]
    public void Processors_are_counted_from_the_last(int mask, int fromLast, int expected) =>
        Assert.Equal(expected, Cores.FromLast(mask, fromLast));

    [Fact]
    public void OpenBlas_is_found_below_perf_Training_of_a_folder_above()
    {
        using var folder = new TemporaryFolder();
        string library = Path.Combine(folder.Path, "perf", "Training", "openblas", "usr", "lib");
        string inner = Directory.CreateDirectory(Path.Combine(folder.Path, "perf", "bin")).FullName;

        Assert.Null(TorchPeer.FindOpenBlas(inner));
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(library).FullName, "libblas.so.3"), string.Empty);
        Assert.Equal(library, TorchPeer.FindOpenBlas(inner));
    }

    [Fact]
    public void A_python_that_is_named_must_have_PyTorch()
    {
        PerfException e = Assert.Throws<PerfException>(() => TorchPeer.StartAll("no/such/python"));

        Assert.StartsWith("TORCH_PYTHON names 'no/such/python', expected ", e.Message, StringComparison.Ordinal);
    }

    /// <summary>A Python that prints the same as one with PyTorch.</summary>
    [Theory]
    [InlineData("libblas.so.3", "null", false)]
    [InlineData("OpenBLAS 0.3.21", "\"Zen\"", true)]
    [InlineData("MKL", "null", true)]
    public void PyTorch_on_the_reference_blas_is_not_compared_with(string blas, string core, bool isFast)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var folder = new TemporaryFolder();
        string python = folder.File("python");
        File.WriteAllText(
            python,
            $$"""
            #!/bin/sh
            echo '{"version": "1.13.1", "blas": "{{blas}}", "core": {{core}}, "dnnl": null}'
            cat > /dev/null

            """.ReplaceLineEndings("\n"));
        File.SetUnixFileMode(python, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        List<TorchPeer> peers = TorchPeer.StartAll(python);
        string note = TrainingNotes.Of(peers, 1)[0];
        peers.ForEach(peer => peer.Dispose());

        Assert.Equal(isFast, peers[0].HasFastBlas);
        Assert.Contains(blas, note, StringComparison.Ordinal);
        Assert.Equal(!isFast, note.Contains("not compared", StringComparison.Ordinal));
        Assert.Equal("needs OpenBLAS", TrainingNotes.WithoutTorch(peers));
        Assert.Equal(Machine.NotInstalled, TrainingNotes.WithoutTorch([]));
    }

    [Fact]
    public void A_processor_without_avx512_is_asked_for_other_kernels_and_says_why()
    {
        Assert.Equal(("SAPPHIRERAPIDS", null), Assert.Single(TorchPeer.Forced(avx512: true)));
        Assert.Contains(("SAPPHIRERAPIDS", "no AVX-512"), TorchPeer.Forced(avx512: false));
        Assert.Contains(("HASWELL", null), TorchPeer.Forced(avx512: false));
    }
}
