using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace SpanRnn.Tests;

/// <summary>
/// Core and Cells, which real-time threads call, name no type that can make a thread wait: an assembly cannot take a lock without naming
/// Monitor, Lock or another one in its list of types, nor without marking a method as synchronised.
/// </summary>
public class LockTests
{
    /// <summary>Of all types that threads meet at, the two that never wait.</summary>
    private static readonly string[] _allowed = ["System.Threading.Interlocked", "System.Threading.Volatile"];

    private static readonly string[] _waiting = ["System.Threading", "System.Collections.Concurrent"];

    private readonly object _gate = new();

    private int _entered;

    [Theory]
    [InlineData("SpanRnn.Core")]
    [InlineData("SpanRnn.Cells")]
    public void Nothing_waits(string assembly) => Assert.Empty(Waits(Assembly.Load(assembly)));

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
