using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace SpanRnn.Tests;

/// <summary>Prints the public surface of an assembly: each public type on a line, its public and protected members below it.</summary>
internal static class PublicApi
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<Type, string> _keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(char)] = "char",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(nint)] = "nint",
        [typeof(nuint)] = "nuint",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
    };

    public static string[] Print(Assembly assembly) =>
    [
        .. assembly.GetTypes()
            .Where(IsVisible)
            .OrderBy(type => type.FullName, StringComparer.Ordinal)
            .SelectMany(Print),
    ];

    public static IEnumerable<string> Print(Type type) =>
        [Header(type), .. (type.IsEnum ? Values(type) : Members(type).Order(StringComparer.Ordinal)).Select(member => "    " + member)];

    /// <summary>Lines that are gone (-) and new (+), each below its type.</summary>
    public static string[] Difference(string[] old, string[] current)
    {
        // common[i, j] is the length of the longest common subsequence of old[i..] and current[j..].
        int[,] common = new int[old.Length + 1, current.Length + 1];
        for (int i = old.Length - 1; i >= 0; i--)
        {
            for (int j = current.Length - 1; j >= 0; j--)
            {
                common[i, j] = old[i] == current[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }

        List<string> difference = [];
        string type = "";
        string shown = "";
        int gone = 0;
        int added = 0;
        while (gone < old.Length || added < current.Length)
        {
            if (gone < old.Length && added < current.Length && old[gone] == current[added])
            {
                type = IsMember(old[gone]) ? type : old[gone];
                gone++;
                added++;
                continue;
            }

            bool isNew = gone == old.Length || (added < current.Length && common[gone, added + 1] > common[gone + 1, added]);
            string line = isNew ? current[added++] : old[gone++];
            if (!IsMember(line))
            {
                type = shown = line;
            }
            else if (shown != type)
            {
                difference.Add("  " + type);
                shown = type;
            }

            difference.Add((isNew ? "+ " : "- ") + line);
        }

        return [.. difference];
    }

    private static bool IsMember(string line) => line.StartsWith(' ');

    private static bool IsVisible(Type type) =>
        (type.IsPublic || ((type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamORAssem) && IsVisible(type.DeclaringType!)))
        && !type.Name.Contains('<');

    private static bool IsVisible(MethodBase? method) => method is { IsPublic: true } or { IsFamily: true } or { IsFamilyOrAssembly: true };

    private static bool IsWritten(MemberInfo member) => !member.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);

    private static string Header(Type type)
    {
        string access = type.IsNested && !type.IsNestedPublic ? "protected" : "public";
        string name = $"{type.Namespace}.{Name(type)}";
        if (type.IsEnum)
        {
            string underlying = Name(type.GetEnumUnderlyingType());
            return $"{access} enum {name}" + (underlying == "int" ? "" : " : " + underlying);
        }

        if (type.IsSubclassOf(typeof(Delegate)))
        {
            MethodInfo invoke = type.GetMethod("Invoke")!;
            return $"{access} delegate {Returned(invoke)} {name}({Parameters(invoke)}){Constraints(type.GetGenericArguments())}";
        }

        List<string> words = [access];
        if (type.IsClass)
        {
            words.AddRange(type switch
            {
                { IsAbstract: true, IsSealed: true } => ["static"],
                { IsAbstract: true } => ["abstract"],
                { IsSealed: true } => ["sealed"],
                _ => [],
            });
        }
        else if (type.IsValueType)
        {
            words.AddRange(type.IsDefined(typeof(IsReadOnlyAttribute), inherit: false) ? ["readonly"] : []);
            words.AddRange(type.IsByRefLike ? ["ref"] : []);
        }

        if (type.GetMethod("PrintMembers", Declared) is { } printer && !IsWritten(printer))
        {
            words.Add("record");
        }

        words.Add(type.IsInterface ? "interface" : type.IsValueType ? "struct" : "class");
        words.Add(name);

        IEnumerable<string> bases = type.GetInterfaces().Where(IsVisible).Select(Name).Order(StringComparer.Ordinal);
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType))
        {
            bases = bases.Prepend(Name(parent));
        }

        string inherited = string.Join(", ", bases);
        return string.Join(' ', words) + (inherited.Length == 0 ? "" : " : " + inherited) + Constraints(type.GetGenericArguments());
    }

    private static IEnumerable<string> Values(Type type) => type.GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (field.Name, Value: Convert.ToDecimal(field.GetRawConstantValue(), CultureInfo.InvariantCulture)))
        .OrderBy(field => field.Value)
        .Select(field => $"{field.Name} = {field.Value}");

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsSubclassOf(typeof(Delegate)))
        {
            return [];
        }

        return
        [
            .. type.GetFields(Declared)
                .Where(field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly)
                .Select(Print),
            .. type.GetProperties(Declared)
                .Where(property => IsWritten(property) && property.GetAccessors(nonPublic: true).Any(IsVisible))
                .Select(Print),
            .. type.GetEvents(Declared)
                .Where(item => IsVisible(item.AddMethod))
                .Select(item => $"{Modifiers(item.AddMethod!)}event {Name(item.EventHandlerType!)} {item.Name}"),
            .. type.GetConstructors(Declared)
                .Where(constructor => IsVisible(constructor) && !constructor.IsStatic && IsWritten(constructor))
                .Select(constructor => $"{Modifiers(constructor)}{type.Name.Split('`')[0]}({Parameters(constructor)})"),
            .. type.GetMethods(Declared)
                .Where(method => IsVisible(method) && IsWritten(method) && !IsAccessor(method))
                .Select(Print),
        ];
    }

    private static bool IsAccessor(MethodInfo method) => method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal);

    private static string Print(FieldInfo field)
    {
        string modifiers = field switch
        {
            { IsLiteral: true } => "const ",
            { IsStatic: true, IsInitOnly: true } => "static readonly ",
            { IsStatic: true } => "static ",
            { IsInitOnly: true } => "readonly ",
            _ => "",
        };
        string required = field.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        string value = field.IsLiteral ? " = " + Value(field.GetRawConstantValue(), field.FieldType) : "";
        return $"{(field.IsPublic ? "public" : "protected")} {required}{modifiers}{Name(field.FieldType)} {field.Name}{value}";
    }

    private static string Print(PropertyInfo property)
    {
        MethodInfo shown = property.GetAccessors(nonPublic: true).Where(IsVisible).OrderByDescending(method => method.IsPublic).First();
        List<string> accessors = [];
        if (IsVisible(property.GetMethod))
        {
            accessors.Add("get;");
        }

        if (IsVisible(property.SetMethod))
        {
            bool init = property.SetMethod!.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
            accessors.Add((shown.IsPublic && !property.SetMethod.IsPublic ? "protected " : "") + (init ? "init;" : "set;"));
        }

        string required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        string type = property.GetMethod is { } getter ? Returned(getter) : Name(property.PropertyType);
        ParameterInfo[] index = property.GetIndexParameters();
        string name = index.Length == 0 ? property.Name : $"this[{string.Join(", ", index.Select(Print))}]";
        return $"{Modifiers(shown)}{required}{type} {name} {{ {string.Join(' ', accessors)} }}";
    }

    private static string Print(MethodInfo method)
    {
        string generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";
        string constraints = method.IsGenericMethod ? Constraints(method.GetGenericArguments()) : "";
        string extension = method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "";
        return $"{Modifiers(method)}{Returned(method)} {method.Name}{generic}({extension}{Parameters(method)}){constraints}";
    }

    private static string Modifiers(MethodBase method)
    {
        string access = method.IsPublic ? "public " : "protected ";
        string place = method.IsStatic ? "static " : "";
        string kind = method switch
        {
            MethodInfo { IsVirtual: false } or ConstructorInfo => "",
            { IsAbstract: true } => "abstract ",
            MethodInfo inner when inner.GetBaseDefinition() != inner => inner.IsFinal ? "sealed override " : "override ",
            { IsFinal: false } => "virtual ",
            _ => "",
        };
        return access + place + kind;
    }

    private static string Returned(MethodInfo method)
    {
        string reference = method.ReturnType.IsByRef
            ? method.ReturnParameter.IsDefined(typeof(IsReadOnlyAttribute)) ? "ref readonly " : "ref "
            : "";
        return reference + Name(method.ReturnType);
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Print));

    private static string Print(ParameterInfo parameter)
    {
        string passing = parameter switch
        {
            { ParameterType.IsByRef: false } => "",
            { IsOut: true } => "out ",
            _ when parameter.IsDefined(typeof(RequiresLocationAttribute)) => "ref readonly ",
            { IsIn: true } => "in ",
            _ => "ref ",
        };
        bool any = parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute));
        string before = any ? "params " : parameter.IsDefined(typeof(ScopedRefAttribute)) ? "scoped " : "";
        string value = parameter.HasDefaultValue ? " = " + Value(parameter.RawDefaultValue, parameter.ParameterType) : "";
        return $"{before}{passing}{Name(parameter.ParameterType)} {parameter.Name}{value}";
    }

    private static string Value(object? value, Type type) => value switch
    {
        null => type.IsValueType && Nullable.GetUnderlyingType(type) is null ? "default" : "null",
        _ when type.IsEnum => $"{Name(type)}.{Enum.ToObject(type, value)}",
        bool flag => flag ? "true" : "false",
        string text => $"\"{text}\"",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Constraints(Type[] generic) => string.Concat(generic.Select(parameter =>
    {
        GenericParameterAttributes flags = parameter.GenericParameterAttributes;
        bool isStruct = flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        bool isUnmanaged = parameter.IsDefined(typeof(IsUnmanagedAttribute));
        string[] constraints =
        [
            .. flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint) ? ["class"] : Array.Empty<string>(),
            .. isStruct ? [isUnmanaged ? "unmanaged" : "struct"] : Array.Empty<string>(),
            .. parameter.GetGenericParameterConstraints()
                .Where(type => type != typeof(ValueType))
                .Select(Name)
                .Order(StringComparer.Ordinal),
            .. flags.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint) && !isStruct ? ["new()"] : Array.Empty<string>(),
            .. flags.HasFlag(GenericParameterAttributes.AllowByRefLike) ? ["allows ref struct"] : Array.Empty<string>(),
        ];
        return constraints.Length == 0 ? "" : $" where {parameter.Name} : {string.Join(", ", constraints)}";
    }));

    private static string Name(Type type)
    {
        if (type.IsByRef)
        {
            return Name(type.GetElementType()!);
        }

        if (type.IsArray)
        {
            return $"{Name(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        }

        if (type.IsPointer)
        {
            return Name(type.GetElementType()!) + "*";
        }

        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return Name(underlying) + "?";
        }

        if (type.IsGenericParameter)
        {
            return type.Name;
        }

        if (_keywords.TryGetValue(type, out string? keyword))
        {
            return keyword;
        }

        if (typeof(ITuple).IsAssignableFrom(type) && type.IsValueType)
        {
            return $"({string.Join(", ", type.GetGenericArguments().Select(Name))})";
        }

        // The arguments of a nested type begin with those of the type around it.
        Type[] arguments = type.GetGenericArguments();
        int outer = type.DeclaringType?.GetGenericArguments().Length ?? 0;
        string own = type.Name.Split('`')[0];
        if (arguments.Length > outer)
        {
            own += $"<{string.Join(", ", arguments[outer..].Select(Name))}>";
        }

        if (type.DeclaringType is not { } around)
        {
            return own;
        }

        return $"{Name(outer > 0 ? around.MakeGenericType(arguments[..outer]) : around)}.{own}";
    }
}
