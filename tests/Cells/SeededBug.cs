namespace SpanRnn.Tests;

/// <summary>A mistake in the backpropagation of <see cref="HandWrittenLstm"/>.</summary>
public enum SeededBug
{
    None,

    /// <summary>The forget gate's derivative takes c where it needs c′.</summary>
    ForgetGateReadsNewCell,

    /// <summary>The derivative of the candidate g has the wrong sign.</summary>
    CandidateSignTurned,

    /// <summary>The output gate's derivative lacks o(1 − o).</summary>
    OutputGateSlopeForgotten,

    /// <summary>dU takes h where it needs h′.</summary>
    RecurrentWeightsReadNewHidden,

    /// <summary>dh′ = U·da where it is Uᵀ·da.</summary>
    RecurrentWeightsTransposed,

    /// <summary>The recurrent bias gets no gradient.</summary>
    RecurrentBiasForgotten,

    /// <summary>dx comes one step too late.</summary>
    InputGradientOfNextStep,

    /// <summary>dh is not carried to the step before.</summary>
    HistoryTruncated,

    /// <summary>dc is not carried to the step before.</summary>
    CellNotCarried,

    /// <summary>The gradient of the final state is ignored.</summary>
    FinalStateDropped,
}
