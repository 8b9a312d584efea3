using System.Runtime.CompilerServices;
using SpanRnn.Perf;

namespace SpanRnn.Tests;

/// <summary>A fact that is skipped without ONNX Runtime. Logs leave reasons out, so its name says why.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class OnnxRuntimeFactAttribute : FactAttribute
{
    private const string Missing = "skipped: no ONNX Runtime; 'dotnet build perf/Peers -c Release' brings it";

    public OnnxRuntimeFactAttribute([CallerMemberName] string name = "")
    {
        if (OnnxRuntime.Installed is null)
        {
            Skip = Missing;
            DisplayName = $"{name} {Missing}";
        }
    }
}
