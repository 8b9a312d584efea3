using System.Reflection;
using System.Text.RegularExpressions;

namespace SpanRnn.Tests;

/// <summary>Finds the loops in a listing that the runtime's compiler printed (DOTNET_JitDisasm).</summary>
internal static partial class LoopListing
{
    /// <summary>Methods among the given ones, such as "Tile.Run", of which a listing has no instance.</summary>
    public static string[] Unseen(string listing, IEnumerable<string> methods) =>
        [.. methods.Except(listing.Split('\n').Select(line => Header().Match(line)).Where(header => header.Success).Select(MethodOf))];

    /// <summary>Name of a method as it is in a listing.</summary>
    public static string NameOf(Type type, MethodInfo method) => NameOf(type.FullName!, method.Name);

    /// <summary>Innermost loops that add products to running sums, in the order of the listing.</summary>
    public static IReadOnlyList<Loop> Read(string listing)
    {
        var loops = new List<Loop>();
        string kernel = "";
        bool framed = false;
        var code = new List<Instruction>();
        var labels = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string line in listing.Split('\n'))
        {
            if (Header().Match(line) is { Success: true } header)
            {
                kernel = KernelOf(header);
                framed = false;
                code.Clear();
                labels.Clear();
            }
            else if (line.StartsWith("; rbp based frame", StringComparison.Ordinal))
            {
                framed = true;
            }
            else if (Label().Match(line) is { Success: true } label)
            {
                labels[label.Groups["name"].Value] = code.Count;
            }
            else if (line.StartsWith("; Total bytes", StringComparison.Ordinal))
            {
                loops.AddRange(Innermost(code, labels).Select(range => Find(kernel, framed, code[range])).OfType<Loop>());
            }
            else if (Instruction.Parse(line) is Instruction instruction)
            {
                code.Add(instruction);
            }
        }

        return loops;
    }

    // From a label that is jumped back to, to the last such jump, where no other loop is in between.
    private static IEnumerable<Range> Innermost(List<Instruction> code, Dictionary<string, int> labels)
    {
        var ends = new SortedDictionary<int, int>();
        for (int i = 0; i < code.Count; i++)
        {
            if (code[i].Target is string target && labels.TryGetValue(target, out int start) && start <= i)
            {
                ends[start] = i + 1;
            }
        }

        return ends.Where(loop => !ends.Any(inner => inner.Key > loop.Key && inner.Value <= loop.Value))
            .Select(loop => loop.Key..loop.Value);
    }

    private static Loop? Find(string kernel, bool framed, List<Instruction> code)
    {
        var sums = new RunningSums();
        code.ForEach(sums.Follow);
        Instruction[] additions = [.. sums.Additions];
        if (additions.Length == 0)
        {
            return null;
        }

        (string name, char register) = (additions[0].Name, additions[0].Operands[0][0]);
        bool bytes = name.StartsWith("vp", StringComparison.Ordinal) || name.StartsWith('p');
        string bits = register == 'z' ? "512" : register == 'y' ? "256" : "128";
        return new Loop
        {
            Kernel = kernel,
            Width = !bytes && name[^2] == 's' ? "1" : name.StartsWith("vpdp", StringComparison.Ordinal) ? $"{bits} VNNI" : bits,
            Precision = bytes ? "int8" : name[^1] == 's' ? "float" : "double",
            Instructions = code.Count,
            MultiplyAdds = additions.Length,
            IsFused = additions[0].Addend is not null,
            Moves = [.. code.Where(instruction => instruction.IsMove).Select(instruction => $"{instruction}")],
            Spills = [.. code.Select(instruction => $"{instruction}").Where(text =>
                text.Contains("[rsp", StringComparison.Ordinal) || (framed && text.Contains("[rbp", StringComparison.Ordinal)))],
        };
    }

    // With its types, without registers and numbers: "WeightPanels.Sum.Add<Int8Weights, Four>".
    private static string KernelOf(Match header)
    {
        string[] types = [.. TypeName().Matches(header.Groups["types"].Value + "," + header.Groups["more"].Value)
            .Select(match => match.Value.Split('.', '+')[^1])
            .Where(name => !name.StartsWith("Simd", StringComparison.Ordinal))];
        return types.Length == 0 ? MethodOf(header) : $"{MethodOf(header)}<{string.Join(", ", types)}>";
    }

    private static string MethodOf(Match header) => NameOf(header.Groups["type"].Value, header.Groups["method"].Value);

    // Without namespaces and numbers of type parameters.
    private static string NameOf(string type, string method) => $"{NotNamed().Replace(type, "").Replace('+', '.')}.{method}";

    [GeneratedRegex(@"^; Assembly listing for method (?<type>[^:\[]+)(\[(?<types>.*?)\])?:(?<method>[^\[(]+)(\[(?<more>.*?)\])?\(")]
    private static partial Regex Header();

    [GeneratedRegex("^(?<name>G_M[0-9]+_IG[0-9]+):")]
    private static partial Regex Label();

    [GeneratedRegex(@"`[0-9]+|^(\w+\.)+")]
    private static partial Regex NotNamed();

    [GeneratedRegex(@"SpanRnn[\w.+]+")]
    private static partial Regex TypeName();
}
