namespace SpanRnn.Tests;

/// <summary>Prints the table of loops as it should be: dotnet run -c Release --project tests.</summary>
internal static class Program
{
    private static void Main(string[] arguments)
    {
        if (arguments is [CompiledLoops.Argument])
        {
            foreach (string method in KernelCompiler.Run(typeof(CopyingKernel<>)))
            {
                Console.WriteLine(method);
            }

            return;
        }

        string[] missing = [.. CompiledLoops.Widths.Where(width => CompiledLoops.Missing(width) is not null)];
        Console.WriteLine(LoopTable.Current.Print(CompiledLoops.Core, missing));
    }
}
