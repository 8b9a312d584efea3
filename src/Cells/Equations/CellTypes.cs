using SpanRnn.Core.Activations;
using Candidate = SpanRnn.Cells.Equations.LayerActivation<SpanRnn.Cells.Equations.CandidateChoice>;
using FixedSigmoid = SpanRnn.Cells.Equations.FixedActivation<SpanRnn.Core.Activations.Sigmoid>;
using FixedTanh = SpanRnn.Cells.Equations.FixedActivation<SpanRnn.Core.Activations.Tanh>;
using Gate = SpanRnn.Cells.Equations.LayerActivation<SpanRnn.Cells.Equations.GateChoice>;
using Output = SpanRnn.Cells.Equations.LayerActivation<SpanRnn.Cells.Equations.OutputChoice>;

namespace SpanRnn.Cells.Equations;

/// <summary>Choice of a cell for a layer, which both engines ask.</summary>
internal static class CellTypes
{
    /// <summary>Calls <paramref name="visitor"/> with the type that has the equations of <paramref name="layer"/>.</summary>
    public static TResult Visit<TResult, TVisitor>(LayerSpec layer, TVisitor visitor)
        where TVisitor : struct, ICellVisitor<TResult> => (layer.Cell, layer.IsStandard) switch
        {
            (CellKind.Lstm, true) => visitor.Visit<LstmCell<FixedSigmoid, FixedTanh, FixedTanh, Separate>>(),
            (CellKind.Lstm, false) => layer.CoupledGates
                ? visitor.Visit<LstmCell<Gate, Candidate, Output, Coupled>>()
                : visitor.Visit<LstmCell<Gate, Candidate, Output, Separate>>(),
            (CellKind.GruResetAfter, true) => visitor.Visit<GruResetAfterCell<FixedSigmoid, FixedTanh>>(),
            (CellKind.GruResetAfter, false) => visitor.Visit<GruResetAfterCell<Gate, Candidate>>(),
            (CellKind.GruResetBefore, true) => visitor.Visit<GruResetBeforeCell<FixedSigmoid, FixedTanh>>(),
            (CellKind.GruResetBefore, false) => visitor.Visit<GruResetBeforeCell<Gate, Candidate>>(),
            (_, false) => visitor.Visit<ElmanCell<Candidate>>(),
            _ => layer.Activation.Kind switch
            {
                ActivationKind.Identity => visitor.Visit<ElmanCell<FixedActivation<Identity>>>(),
                ActivationKind.Sigmoid => visitor.Visit<ElmanCell<FixedSigmoid>>(),
                ActivationKind.Relu => visitor.Visit<ElmanCell<FixedActivation<Relu>>>(),
                ActivationKind.HardStep => visitor.Visit<ElmanCell<FixedActivation<HardStep>>>(),
                _ => visitor.Visit<ElmanCell<FixedTanh>>(),
            },
        };
}
