using BenchmarkDotNet.Attributes;

namespace SpanRnn.Perf;

/// <summary>The kernels of <c>compare kernels</c> one by one, for a closer look.</summary>
[MemoryDiagnoser]
public class KernelBenchmarks
{
    private KernelWork? _work;

    public static IEnumerable<string> Names => KernelCases.All().Select(one => one.Name);

    [ParamsSource(nameof(Names))]
    public string Name { get; set; } = string.Empty;

    [GlobalSetup]
    public void SetUp()
    {
        _work = KernelCases.All().Single(one => one.Name == Name).Prepare();
        _work.Check(Name);
    }

    [GlobalCleanup]
    public void CleanUp() => _work?.Dispose();

    [Benchmark]
    public void Kernel() => _work!.Run();
}
