using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace SpanRnn.Tests;

/// <summary>
/// Core and Cells, which real-time threads call, name no type that can make a thread wait but those of <see cref="WorkerPool"/>. An
/// assembly cannot take a lock without naming Monitor, Lock or another such type in its list of types, or marking a method as
/// synchronized. BannedSymbols.txt makes sure that only WorkerPool names its own types: no other file is excepted from it.
/// </summary>
public class LockTests
{
    /// <summary>
    /// Types shared by threads that never make them wait. What of a CancellationToken could names another type: WaitHandle or
    /// CancellationTokenRegistration.
    /// </summary>
    private static readonly string[] _allowed =
    [
        "System.Threading.CancellationToken", "System.Threading.Interlocked", "System.Threading.Volatile",
    ];

    private static readonly string[] _waiting = ["System.Threading", "System.Collections.Concurrent"];

    /// <summary>Types that WorkerPool's threads are made of and wait with.</summary>
    private static readonly string[] _ofWorkerPool =
    [
        "System.Threading.SemaphoreSlim", "System.Threading.SpinWait", "System.Threading.Thread", "System.Threading.ThreadStart",
    ];

    private readonly object _gate = new();

    private int _entered;

    [Fact]
    public void Nothing_waits_in_Cells() => Assert.Empty(Waits(Assembly.Load("SpanRnn.Cells")));

    [Fact]
    public void Only_what_WorkerPool_waits_with_is_named_in_Core() => Assert.Equal(_ofWorkerPool, Waits(Assembly.Load("SpanRnn.Core")));

    /// <summary>Only WorkerPool's file is excepted from the ban, which Core's list of types cannot show.</summary>
    [Theory]
    [InlineData("Core")]
    [InlineData("Cells")]
    public void Only_WorkerPool_is_excepted_from_the_ban(string project)
    {
        string[] excepted = [.. Directory.EnumerateFiles(Repository.PathOf("src", project), "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".cs" or ".csproj" or ".props" or ".editorconfig" or ".globalconfig" or ".ruleset")
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Where(file => File.ReadAllText(file).Contains("RS0030", StringComparison.Ordinal))
            .Select(file => Path.GetRelativePath(Repository.PathOf("src"), file).Replace('\\', '/'))];

        Assert.Equal(project == "Core" ? ["Core/Workers/WorkerPool.cs"] : [], excepted);
        foreach (string file in new[] { ".editorconfig", "Directory.Build.props", "src/Directory.Build.props" })
        {
            Assert.DoesNotContain("RS0030", File.ReadAllText(Repository.PathOf(file)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_lock_and_a_synchronised_method_are_named()
    {
        lock (_gate)
        {
            Synchronised();
        }

        string[] waits = Waits(typeof(LockTests).Assembly);

        Assert.Equal(1, _entered);
        Assert.Contains("System.Threading.Monitor", waits);
        Assert.Contains("System.Lazy`1", waits);
        Assert.Contains($"{nameof(LockTests)}.{nameof(Synchronised)}", waits);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.Synchronized)]
    private void Synchronised() => _entered++;

    private static string[] Waits(Assembly assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly.Location));
        MetadataReader reader = file.GetMetadataReader();
        IEnumerable<string> types = reader.TypeReferences
            .Select(reader.GetTypeReference)
            .Select(type => (Namespace: reader.GetString(type.Namespace), Name: reader.GetString(type.Name)))
            .Where(type => _waiting.Any(space => (type.Namespace + ".").StartsWith(space + ".", StringComparison.Ordinal))
                || (type.Namespace == "System" && type.Name is "Lazy`1" or "Lazy`2"))
            .Select(type => $"{type.Namespace}.{type.Name}")
            .Except(_allowed);
        IEnumerable<string> methods = reader.MethodDefinitions
            .Select(reader.GetMethodDefinition)
            .Where(method => method.ImplAttributes.HasFlag(MethodImplAttributes.Synchronized))
            .Select(method => (Type: reader.GetTypeDefinition(method.GetDeclaringType()), method.Name))
            .Select(method => $"{reader.GetString(method.Type.Name)}.{reader.GetString(method.Name)}");
        return [.. types.Concat(methods).Order(StringComparer.Ordinal)];
    }
}
