using System.Runtime.InteropServices;

namespace SpanRnn.Perf;

/// <summary>An argument of a primitive: its number, and its memory.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct OneDnnArgument(int Argument, nint Memory);
