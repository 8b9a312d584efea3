namespace SpanRnn.Tests;

/// <summary>A program in a folder of its own, outside the repository, that the SDK builds, runs and publishes.</summary>
internal class HostProject : IDisposable
{
    protected const int TimeoutInSeconds = 300;

    private readonly TemporaryFolder _folder = new();
    private readonly IReadOnlyDictionary<string, string> _environment;

    /// <param name="source">Text of Program.cs.</param>
    /// <param name="project">Groups of properties and items beside those that every program has.</param>
    /// <param name="environment">Variables of the SDK's environment beside the inherited ones.</param>
    public HostProject(string source, string project, IReadOnlyDictionary<string, string>? environment = null)
    {
        _environment = environment ?? new Dictionary<string, string>();
        File.WriteAllText(PathOf("Program.cs"), source);
        File.WriteAllText(PathOf("Host.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <InvariantGlobalization>true</InvariantGlobalization>
              </PropertyGroup>
              {project}
            </Project>
            """);
    }

    /// <summary>Path of a file beside the program.</summary>
    public string PathOf(string name) => _folder.File(name);

    /// <summary>Exit code and output of a command of the SDK.</summary>
    public (int ExitCode, string Output) DotNet(params string[] arguments) =>
        Command.Run(_folder.Path, TimeoutInSeconds, _environment, "dotnet", arguments);

    /// <summary>Output of a program that must succeed.</summary>
    public string Succeed(IReadOnlyDictionary<string, string> environment, string program, params string[] arguments)
    {
        (int exitCode, string output) = Command.Run(_folder.Path, TimeoutInSeconds, environment, program, arguments);
        Assert.True(exitCode == 0, output);
        return output;
    }

    public void Dispose() => _folder.Dispose();
}
