using System.Runtime.CompilerServices;

namespace SpanRnn.Core.Matrices;

/// <summary>Places of the columns of each panel of a product: panels are in groups.</summary>
/// <param name="GroupPanels">Panels of a group.</param>
/// <param name="Group">From the first column of a group to that of the next.</param>
/// <param name="Panel">From the first column of a panel to that of the next in the same group.</param>
internal readonly record struct PanelStrides(int GroupPanels, int Group, int Panel)
{
    /// <summary>All columns side by side.</summary>
    public static PanelStrides SideBySide => default;

    /// <summary>The first column of a panel that is <paramref name="width"/> columns wide.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Column(int panel, int width)
    {
        if (GroupPanels == 0)
        {
            return panel * width;
        }

        (int group, int inside) = Math.DivRem(panel, GroupPanels);
        return (group * Group) + (inside * Panel);
    }
}
