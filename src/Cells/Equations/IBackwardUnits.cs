namespace SpanRnn.Cells.Equations;

/// <summary>Numbers of the units of one register in a backward step.</summary>
internal interface IBackwardUnits<V> : IUnits<V>
    where V : struct
{
    /// <summary>Loads the number of a gate that forward kept.</summary>
    V Kept(int gate);

    /// <summary>Stores the gradient of a gate's pre-activation.</summary>
    void StoreGradient(int gate, V da);

    /// <summary>Loads what the last phase stored for a gate, in the first phase of a gated cell.</summary>
    V Gradient(int gate);

    /// <summary>Stores the gradient of the candidate's product, in a cell that has it apart.</summary>
    void StoreCandidateGradient(V du);

    /// <summary>Loads the gradient of the gated state, in the first phase of a gated cell.</summary>
    V GatedGradient();

    /// <summary>Loads ∂L/∂h; in the first phase the part of ∂L/∂h′ that the last phase and other products left.</summary>
    V Dh();

    /// <summary>Stores the part of ∂L/∂h′ that does not go through U.</summary>
    void StoreDh(V dh);

    /// <summary>Loads ∂L/∂c.</summary>
    V Dc();

    /// <summary>Stores ∂L/∂c′.</summary>
    void StoreDc(V dc);
}
