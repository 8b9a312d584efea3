namespace SpanRnn.Cells.Training.Loop;

/// <summary>Arrays that are used again and only grow.</summary>
internal static class Arrays
{
    /// <summary>Replaces an array that is shorter than <paramref name="length"/>; what it held is lost then.</summary>
    public static void MakeRoom<TValue>(ref TValue[] values, int length)
    {
        if (values.Length < length)
        {
            values = new TValue[length];
        }
    }
}
