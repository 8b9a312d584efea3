using System.Runtime.InteropServices;

namespace SpanRnn.Perf;

/// <summary>What a primitive is executed on: which of its arguments, and the memory.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct OneDnnArgument(int Argument, nint Memory);
