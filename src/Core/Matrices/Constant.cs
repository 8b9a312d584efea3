using System.Runtime.InteropServices;

namespace SpanRnn.Core.Matrices;

/// <summary>
/// Numbers as type arguments: <c>Unsafe.SizeOf&lt;Constant.Six&gt;()</c> is 6. The compiler knows a size before it inlines. A branch on a
/// size therefore takes nothing from its budget for inlining; with a static property, both sides of the branch would be inlined first.
/// </summary>
internal static class Constant
{
    [StructLayout(LayoutKind.Sequential, Size = 1)]
    public struct One;

    [StructLayout(LayoutKind.Sequential, Size = 2)]
    public struct Two;

    [StructLayout(LayoutKind.Sequential, Size = 3)]
    public struct Three;

    [StructLayout(LayoutKind.Sequential, Size = 4)]
    public struct Four;

    [StructLayout(LayoutKind.Sequential, Size = 5)]
    public struct Five;

    [StructLayout(LayoutKind.Sequential, Size = 6)]
    public struct Six;

    [StructLayout(LayoutKind.Sequential, Size = 12)]
    public struct Twelve;
}
