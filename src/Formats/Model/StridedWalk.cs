using System.Runtime.CompilerServices;

namespace SpanRnn.Formats.Model;

/// <summary>A walk over the elements of an array in row-major order, which knows where each is in memory of other strides.</summary>
/// <param name="sizes">The size of each axis.</param>
/// <param name="strides">The distance in memory from one element of each axis to the next.</param>
internal struct StridedWalk(int[] sizes, int[] strides)
{
    private readonly int[] _place = new int[sizes.Length];

    /// <summary>Place of the element in memory; 0 for the first one.</summary>
    public int Offset { get; private set; }

    /// <summary>Goes on to the next element; behind the last one is the first one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Next()
    {
        for (int axis = sizes.Length - 1; axis >= 0; axis--)
        {
            Offset += strides[axis];
            if (++_place[axis] < sizes[axis])
            {
                break;
            }

            Offset -= _place[axis] * strides[axis];
            _place[axis] = 0;
        }
    }
}
