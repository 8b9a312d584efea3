using System.Numerics;
using System.Reflection;
using System.Runtime.CompilerServices;
using SpanRnn.Core.Matrices.Weights;
using SpanRnn.Core.Simd;

namespace SpanRnn.Tests;

/// <summary>
/// Has the runtime compile all methods of Core that are generic in a register type, with the registers that would be chosen here. New
/// methods are found without being named.
/// </summary>
/// <remarks>
/// If interfaces list the possible types of the other type parameters, methods are compiled for each of these without being run. A
/// parameter without an interface is a number, and few combinations of numbers make sense: such methods are compiled as products and
/// networks run.
/// </remarks>
internal static class KernelCompiler
{
    private const BindingFlags Declared =
        BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly Type[] _core = typeof(Dispatch).Assembly.GetTypes();

    /// <summary>Compiles the methods of all types of Core, and of <paramref name="more"/>.</summary>
    /// <returns>Methods that were left to products and networks.</returns>
    public static IReadOnlyList<string> Run(params ReadOnlySpan<Type> more)
    {
        var left = new List<string>();
        foreach (Type type in (ReadOnlySpan<Type>)[.. _core, .. more])
        {
            foreach (MethodInfo method in type.GetMethods(Declared))
            {
                Type[] parameters = [.. type.GetGenericArguments(), .. method.GetGenericArguments()];

                // Methods that are always inlined are part of other methods.
                bool inlined = method.MethodImplementationFlags.HasFlag(MethodImplAttributes.AggressiveInlining);
                if (method.IsAbstract || inlined || !parameters.Any(IsRegister))
                {
                    continue;
                }

                if (parameters.All(parameter => Interfaces(parameter).Any()))
                {
                    Compile(method, parameters, []);
                }
                else
                {
                    left.Add(LoopListing.NameOf(type, method));
                }
            }
        }

        Multiply<float>();
        Multiply<double>();
        Step();
        return left;
    }

    // Tiles of every height, in A and in a copy with its groups of 12 rows; of 97 rows one is left alone behind a block of 96. Panels in
    // pairs, alone and in part, and a matrix larger than a second cache.
    private static void Multiply<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        const int Inner = 5, Columns = 101, Far = 650;
        var far = new PackedMatrix<T>(new T[Far * Far], Far, Far);
        foreach (int rows in (ReadOnlySpan<int>)[.. Enumerable.Range(1, 15), 97])
        {
            T[] a = new T[rows * Inner], b = new T[Inner * Columns], c = new T[rows * Columns];
            var workspace = new T[Matrix.WorkspaceLength<T>(rows, Inner, Columns)];
            Matrix.Multiply<T>(a, b, rows, Inner, Columns, c, workspace);
            Matrix.MultiplyTransposedLeft<T>(a, b, rows, Inner, Columns, c, workspace);
            far.Multiply(new T[rows * Far], rows, new T[rows * Far]);
        }
    }

    // Few inputs and many; units of a group in part and of several groups; groups of two, four, six and eight registers.
    private static void Step()
    {
        foreach (int hidden in (ReadOnlySpan<int>)[1, 40])
        {
            LayerSpec[] layers =
            [
                .. Enum.GetValues<CellKind>().Distinct().Select(kind => new RecurrentLayer(kind, hidden)),
                new RecurrentLayer(CellKind.Lstm, hidden) { CoupledGates = true },
            ];
            foreach (LayerSpec layer in layers)
            {
                Step(new NetworkSpec(1, layer));
                Step(new NetworkSpec(40, layer));
            }
        }
    }

    private static void Step(NetworkSpec spec)
    {
        foreach (WeightPrecision precision in Enum.GetValues<WeightPrecision>())
        {
            new PackedNetwork(spec, new float[spec.Parameters.Length], precision).WarmUp();
        }
    }

    // Registers come last: they follow from the others.
    private static void Compile(MethodInfo method, Type[] parameters, Dictionary<Type, Type> chosen)
    {
        if (chosen.Count == parameters.Length)
        {
            RuntimeHelpers.PrepareMethod(method.MethodHandle, [.. parameters.Select(parameter => chosen[parameter].TypeHandle)]);
            return;
        }

        Type parameter = parameters.Where(parameter => !chosen.ContainsKey(parameter)).MinBy(IsRegister)!;
        foreach (Type candidate in IsRegister(parameter) ? [Register(chosen.Values)] : Candidates(parameter))
        {
            Compile(method, parameters, new(chosen) { [parameter] = candidate });
        }
    }

    private static bool IsRegister(Type parameter) => Interfaces(parameter).Contains(typeof(ISimd<,>));

    private static Type[] Candidates(Type parameter)
    {
        Type[] interfaces = [.. Interfaces(parameter)];
        return interfaces.Contains(typeof(IBinaryFloatingPointIeee754<>))
            ? [typeof(float), typeof(double)]
            : Array.FindAll(
                _core, type => type.IsValueType && !type.IsGenericType && !interfaces.Except(Definitions(type.GetInterfaces())).Any());
    }

    private static IEnumerable<Type> Interfaces(Type parameter) =>
        Definitions(parameter.GetGenericParameterConstraints().Where(constraint => constraint.IsInterface));

    private static IEnumerable<Type> Definitions(IEnumerable<Type> types) =>
        types.Select(type => type.IsGenericType ? type.GetGenericTypeDefinition() : type);

    // Weights choose themselves, numbers have the widest.
    private static Type Register(IEnumerable<Type> chosen)
    {
        Type chooser = chosen.FirstOrDefault(type => type.IsAssignableTo(typeof(IWeights)))
            ?? chosen.FirstOrDefault(type => type == typeof(double))
            ?? typeof(float);
        string name = chooser.IsAssignableTo(typeof(IWeights)) ? nameof(OfWeights) : nameof(OfNumbers);
        MethodInfo method = typeof(KernelCompiler).GetMethod(name, Declared)!;
        return (Type)method.MakeGenericMethod(chooser).Invoke(null, null)!;
    }

    private static Type OfNumbers<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Type register = typeof(void);
        Dispatch.Run<T, ReadType<T>>(new ReadType<T>(ref register));
        return register;
    }

    private static Type OfWeights<TWeights>()
        where TWeights : struct, IWeights
    {
        Type register = typeof(void);
        TWeights.Run(new ReadType<float>(ref register));
        return register;
    }

    private readonly ref struct ReadType<T>(ref Type register) : IKernel<T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly ref Type _register = ref register;

        public void Run<V>()
            where V : struct, ISimd<V, T> => _register = typeof(V);
    }
}
