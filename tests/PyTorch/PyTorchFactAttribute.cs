using System.ComponentModel;
using System.Runtime.CompilerServices;

namespace SpanRnn.Tests;

/// <summary>A fact that is skipped without a Python that has PyTorch. Logs leave reasons out, so its name says why.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PyTorchFactAttribute : FactAttribute
{
    public const string Missing = "skipped: no Python with PyTorch; set TORCH_PYTHON or install one as /usr/bin/python3";

    public PyTorchFactAttribute([CallerMemberName] string name = "")
    {
        if (!IsInstalled)
        {
            Skip = Missing;
            DisplayName = $"{name} {Missing}";
        }
    }

    /// <summary>The interpreter that TORCH_PYTHON names, else that of the system.</summary>
    public static string Python { get; } = Environment.GetEnvironmentVariable("TORCH_PYTHON") ?? "/usr/bin/python3";

    public static bool IsInstalled { get; } = Find();

    private static bool Find()
    {
        try
        {
            return Command.Run(Repository.Root, 60, Python, "-c", "import torch").ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
