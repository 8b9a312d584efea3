using SpanRnn.Cells.Elman;
using SpanRnn.Cells.Gru;
using SpanRnn.Cells.Lstm;
using SpanRnn.Core;

namespace SpanRnn.Cells.Drivers;

/// <summary>What makes a result of a type of cell.</summary>
internal interface ICellUse<TResult>
{
    /// <summary>The result for <typeparamref name="TCell"/>.</summary>
    TResult With<TCell>()
        where TCell : struct, ICell;
}

/// <summary>Which type has the equations of a layer.</summary>
internal static class CellTypes
{
    /// <summary>What <paramref name="use"/> makes of the layer's cell.</summary>
    public static TResult Use<TResult, TUse>(LayerSpec layer, TUse use)
        where TUse : struct, ICellUse<TResult> => (layer.Cell, layer.IsStandard) switch
        {
            (CellKind.Lstm, true) => use.With<LstmCell<Fixed<Sigmoid>, Fixed<Tanh>, Fixed<Tanh>, Separate>>(),
            (CellKind.Lstm, false) => layer.CoupledGates
                ? use.With<LstmCell<Chosen<Gate>, Chosen<Candidate>, ChosenOutput, Coupled>>()
                : use.With<LstmCell<Chosen<Gate>, Chosen<Candidate>, ChosenOutput, Separate>>(),
            (CellKind.GruResetAfter, true) => use.With<GruResetAfterCell<Fixed<Sigmoid>, Fixed<Tanh>>>(),
            (CellKind.GruResetAfter, false) => use.With<GruResetAfterCell<Chosen<Gate>, Chosen<Candidate>>>(),
            (CellKind.GruResetBefore, true) => use.With<GruResetBeforeCell<Fixed<Sigmoid>, Fixed<Tanh>>>(),
            (CellKind.GruResetBefore, false) => use.With<GruResetBeforeCell<Chosen<Gate>, Chosen<Candidate>>>(),
            (_, false) => use.With<ElmanCell<Chosen<Candidate>>>(),
            _ => layer.Activation.Kind switch
            {
                Activation.Identity => use.With<ElmanCell<Fixed<Identity>>>(),
                Activation.Sigmoid => use.With<ElmanCell<Fixed<Sigmoid>>>(),
                Activation.Relu => use.With<ElmanCell<Fixed<Relu>>>(),
                Activation.HardStep => use.With<ElmanCell<Fixed<HardStep>>>(),
                _ => use.With<ElmanCell<Fixed<Tanh>>>(),
            },
        };
}
