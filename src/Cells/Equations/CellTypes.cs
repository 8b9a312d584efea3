using System.Diagnostics;
using SpanRnn.Core.Activations;

namespace SpanRnn.Cells.Equations;

/// <summary>Choice of a cell for a layer, which both engines ask.</summary>
internal static class CellTypes
{
    /// <summary>
    /// Calls <paramref name="visitor"/> with the cell that has the equations of <paramref name="layer"/>. Standard layers have activations
    /// that are known when the code is compiled.
    /// </summary>
    public static TResult Visit<TResult, TVisitor>(RecurrentLayer layer, TVisitor visitor)
        where TVisitor : struct, ICellVisitor<TResult>
    {
        Chosen gate = new(layer.GateActivation, layer.Clip), candidate = new(layer.Activation, layer.Clip);
        Chosen output = new(layer.OutputActivation);
        return (layer.Cell, layer.IsStandard) switch
        {
            (CellKind.Lstm, true) => visitor.Visit(default(LstmCell<Sigmoid, Tanh, Tanh, Separate>)),
            (CellKind.Lstm, false) => layer.CoupledGates
                ? visitor.Visit(new LstmCell<Chosen, Chosen, Chosen, Coupled>(gate, candidate, output, layer.Peepholes))
                : visitor.Visit(new LstmCell<Chosen, Chosen, Chosen, Separate>(gate, candidate, output, layer.Peepholes)),
            (CellKind.GruResetAfter, true) => visitor.Visit(default(GruCell<Sigmoid, Tanh, ResetAfter>)),
            (CellKind.GruResetAfter, false) => visitor.Visit(new GruCell<Chosen, Chosen, ResetAfter>(gate, candidate)),
            (CellKind.GruResetBefore, true) => visitor.Visit(default(GruCell<Sigmoid, Tanh, ResetBefore>)),
            (CellKind.GruResetBefore, false) => visitor.Visit(new GruCell<Chosen, Chosen, ResetBefore>(gate, candidate)),
            (CellKind.Elman, true) => layer.Activation.Kind switch
            {
                ActivationKind.Identity => visitor.Visit(default(ElmanCell<Identity>)),
                ActivationKind.Sigmoid => visitor.Visit(default(ElmanCell<Sigmoid>)),
                ActivationKind.Tanh => visitor.Visit(default(ElmanCell<Tanh>)),
                ActivationKind.Relu => visitor.Visit(default(ElmanCell<Relu>)),
                ActivationKind.HardStep => visitor.Visit(default(ElmanCell<HardStep>)),
                _ => throw new UnreachableException(),
            },
            (CellKind.Elman, false) => visitor.Visit(new ElmanCell<Chosen>(candidate)),
            _ => throw new UnreachableException(),
        };
    }
}
