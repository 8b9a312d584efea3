using System.Runtime.CompilerServices;

namespace SpanRnn.Tests;

/// <summary>A theory that is skipped without a Python that has PyTorch. Logs leave reasons out, so its name says why.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PyTorchTheoryAttribute : TheoryAttribute
{
    public PyTorchTheoryAttribute([CallerMemberName] string name = "")
    {
        if (!PyTorchFactAttribute.IsInstalled)
        {
            Skip = PyTorchFactAttribute.Missing;
            DisplayName = $"{name} {PyTorchFactAttribute.Missing}";
        }
    }
}
