using System.Runtime.CompilerServices;

namespace SpanRnn.Core.Matrices;

/// <summary>Distances from which the first column of each panel of a product follows: panels are in groups.</summary>
/// <param name="GroupPanels">Panels of a group.</param>
/// <param name="Group">Distance from the first column of a group to the first column of the next.</param>
/// <param name="Panel">Distance from the first column of a panel to the first column of the next panel of the same group.</param>
internal readonly record struct PanelStrides(int GroupPanels, int Group, int Panel)
{
    /// <summary>Strides of panels whose columns are all side by side.</summary>
    public static PanelStrides SideBySide => default;

    /// <summary>First column of a panel that is <paramref name="width"/> columns wide.</summary>
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
