using System.Reflection;

namespace SpanRnn.Tests;

/// <summary>Every public method that takes the name of a file refuses null.</summary>
public class NullNamesTests
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<string, Action> _calls = new()
    {
        ["ModelFile.Load"] = () =>
        {
            Assert.Throws<ArgumentNullException>(() => ModelFile.Load(default(ReadOnlyMemory<byte>), null!));
            ModelFile.Load((string)null!);
        },
        ["ModelFile.Save"] = () => ModelFile.Save<float>(null!, Spec(), new float[Spec().Parameters.Length]),
        ["NpyArray.From"] = () => NpyArray.From<float>([], [1], null!),
        ["NpyArray.Load"] = () => NpyArray.Load(null!),
        ["NpyArray.Parse"] = () => NpyArray.Parse(default, null!),
        ["NpyArray.Save"] = () => NpyArray.From<float>([], [1]).Save(null!),
        ["SafetensorsFile.Load"] = () => SafetensorsFile.Load(null!),
        ["SafetensorsFile.Parse"] = () => SafetensorsFile.Parse(default, null!),
        ["TrainingCheckpoint.Load"] = () => TrainingCheckpoint.Load(null!),
        ["TrainingCheckpoint.Save"] = () => TrainingCheckpoint.Save(null!, Trainer()),
    };

    [Fact]
    public void Null_is_refused()
    {
        string[] names =
        [
            .. typeof(ModelFile).Assembly.GetExportedTypes()
                .SelectMany(type => type.GetMethods(Declared))
                .Where(method => !method.IsSpecialName && method.GetParameters().Any(parameter => IsFile(method, parameter)))
                .Select(method => $"{method.DeclaringType!.Name}.{method.Name}")
                .Distinct(),
        ];
        Assert.Equal(names.Order(), _calls.Keys.Order());
        foreach ((string name, Action call) in _calls)
        {
            Exception? thrown = Record.Exception(call);
            Assert.True(
                thrown is ArgumentNullException, $"{name} has thrown {thrown?.ToString() ?? "nothing"}, expected ArgumentNullException.");
        }
    }

    // A static method has the name of a file for its messages; names in a file are looked up by methods of an object.
    private static bool IsFile(MethodInfo method, ParameterInfo parameter) =>
        parameter.ParameterType == typeof(string) && (parameter.Name == "path" || (parameter.Name == "name" && method.IsStatic));

    private static NetworkSpec Spec() => new(1, new RecurrentLayer(CellKind.Elman, 1));

    private static Trainer<float> Trainer() =>
        new(Spec(), new Sgd<float>(Spec().Parameters.Length), new TrainerOptions(Loss.MeanSquaredError));
}
