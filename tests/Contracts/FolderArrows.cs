using System.Text.RegularExpressions;

namespace SpanRnn.Tests;

/// <summary>
/// Arrows between the folders of one project, read from its sources: a folder that uses a type has an arrow to the folder that declares it.
/// Only names of types are compared, so a member with the name of a type is told apart by the tokens beside it.
/// </summary>
internal static partial class FolderArrows
{
    private static readonly string[] _keywords =
    [
        "abstract", "and", "as", "async", "await", "base", "case", "catch", "checked", "class", "const", "default", "delegate", "do",
        "else", "enum", "event", "explicit", "extern", "file", "finally", "fixed", "for", "foreach", "from", "get", "global", "goto", "if",
        "implicit", "in", "init", "interface", "internal", "is", "lock", "nameof", "namespace", "new", "not", "operator", "or", "out",
        "override", "params", "partial", "private", "protected", "public", "readonly", "record", "ref", "required", "return", "scoped",
        "sealed", "select", "set",
        "sizeof", "stackalloc", "static", "struct", "switch", "this", "throw", "try", "typeof", "unchecked", "unsafe", "using", "virtual",
        "volatile", "when", "where", "while", "with", "yield",
    ];

    /// <summary>One sentence for each arrow that is not allowed, and for each folder without a row.</summary>
    /// <param name="sources">Files of the project: the path below it, with '/', and the text.</param>
    /// <param name="allowed">The folders that each folder may use beside itself. The project's root is "".</param>
    public static string[] Problems(
        IReadOnlyCollection<(string Path, string Text)> sources, IReadOnlyDictionary<string, string[]> allowed)
    {
        (string Path, string Folder, string[] Tokens)[] files =
            [.. sources.Select(source => (source.Path, Folder(source.Path, allowed), Tokens(source.Text)))];
        Dictionary<string, (string Folder, bool IsGeneric)> declared = [];
        foreach ((_, string folder, string[] tokens) in files)
        {
            foreach ((string type, bool isGeneric) in Declared(tokens))
            {
                bool isKnown = declared.TryGetValue(type, out (string Folder, bool IsGeneric) other);
                declared[type] = (folder, isGeneric && (!isKnown || other.IsGeneric));
            }
        }

        return
        [
            .. files.Select(file => file.Folder).Distinct().Where(folder => !allowed.ContainsKey(folder)).Order(StringComparer.Ordinal)
                .Select(folder => $"The folder '{folder}' has no row, expected the folders that it may use."),
            .. from file in files
               where allowed.ContainsKey(file.Folder)
               from type in Used(file.Tokens, declared).Distinct()
               let to = declared[type].Folder
               where to != file.Folder && !allowed[file.Folder].Contains(to)
               orderby file.Path, type
               select $"{file.Path} uses {type} of {Name(to)}, expected {Name(file.Folder)} to use {Names(allowed[file.Folder])}.",
        ];
    }

    private static string Name(string folder) => folder.Length == 0 ? "the root" : folder;

    private static string Names(string[] folders) => folders.Length == 0 ? "no other folder" : string.Join(", ", folders) + " alone";

    // The longest folder with a row that the file is in, else the first part of its path.
    private static string Folder(string path, IReadOnlyDictionary<string, string[]> allowed)
    {
        string folder = path.Contains('/') ? path[..path.LastIndexOf('/')] : string.Empty;
        string first = folder.Split('/')[0];
        while (folder.Length > 0 && !allowed.ContainsKey(folder))
        {
            folder = folder.Contains('/') ? folder[..folder.LastIndexOf('/')] : string.Empty;
        }

        return folder.Length == 0 ? first : folder;
    }

    private static string[] Tokens(string text) => [.. Token().Matches(CSharpText.Code(text)).Select(match => match.Value)];

    /// <summary>The types of a file that are not inside another one, and whether they have type parameters.</summary>
    private static IEnumerable<(string Type, bool IsGeneric)> Declared(string[] tokens)
    {
        int depth = 0;
        for (int i = 0; i + 1 < tokens.Length; i++)
        {
            depth += tokens[i] is "{" or "(" ? 1 : tokens[i] is "}" or ")" ? -1 : 0;
            bool isWord = tokens[i] is "class" or "struct" or "interface" or "enum" or "record";
            bool isConstraint = i > 0 && tokens[i - 1] is ":" or ",";
            if (depth == 0 && isWord && !isConstraint && IsName(tokens[i + 1]))
            {
                yield return (tokens[i + 1], i + 2 < tokens.Length && tokens[i + 2] == "<");
            }
        }
    }

    private static IEnumerable<string> Used(string[] tokens, Dictionary<string, (string Folder, bool IsGeneric)> declared)
    {
        for (int i = 0; i < tokens.Length; i++)
        {
            // A type that has type parameters is not used without arguments: without them its name is a member's.
            bool isUse = declared.TryGetValue(tokens[i], out (string Folder, bool IsGeneric) type)
                && (!type.IsGeneric || (i + 1 < tokens.Length && tokens[i + 1] == "<"));
            if (isUse && IsType(tokens, i))
            {
                yield return tokens[i];
            }
        }
    }

    private static bool IsType(string[] tokens, int index)
    {
        string before = index > 0 ? tokens[index - 1] : string.Empty;
        int end = Behind(tokens, index);
        string after = end < tokens.Length ? tokens[end] : string.Empty;

        // x.Name is a member; Project.Name and global::Name are not, but no type here is called so.
        bool isMember = before == ".";

        // Name(...) is a call or the declaration of a method, unless it makes an object.
        bool isCall = after == "(" && before != "new" && before != "record" && before != "struct" && before != ":" && before != "class";

        // Type Name, Type<...> Name, Type[] Name and Type? Name declare Name.
        bool isDeclared = (IsName(before) || (before is ">" or "]" or "?" && after != ".")) && after != ".";

        // Name = value sets a member.
        return !isMember && !isCall && !isDeclared && after != "=";
    }

    // The token behind a name and its type arguments, if it has any.
    private static int Behind(string[] tokens, int index)
    {
        int next = index + 1;
        if (next >= tokens.Length || tokens[next] != "<")
        {
            return next;
        }

        int depth = 0;
        for (int i = next; i < tokens.Length; i++)
        {
            depth += tokens[i] == "<" ? 1 : tokens[i] == ">" ? -1 : 0;
            if (depth == 0)
            {
                return i + 1;
            }

            if (!IsName(tokens[i]) && tokens[i] is not ("<" or ">" or "," or "." or "?" or "[" or "]" or "(" or ")"))
            {
                // A comparison.
                return next;
            }
        }

        return next;
    }

    private static bool IsName(string token) =>
        token.Length > 0 && (char.IsLetter(token[0]) || token[0] == '_') && !_keywords.Contains(token);

    [GeneratedRegex(@"[\p{L}_]\w*|==|=>|<=|>=|!=|&&|\|\||\S")]
    private static partial Regex Token();
}
