"""Writes chains/*.safetensors: chains of layers, and what PyTorch computes with them. See README.md."""

import json
import pathlib

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from make_references import write

FOLDER = pathlib.Path(__file__).parent / "chains"
PADDING = 99.0

NORMALISATION = dict(kind="normalisation", by="layer", epsilon=1e-5)
ROOT_MEAN_SQUARE = dict(kind="normalisation", by="root_mean_square", epsilon=1e-3)
LAST = dict(kind="final_state")


def dense(size, activation="identity"):
    return dict(cell="dense", hidden=size, activation=[activation, 0, 0])


def skip(start, **options):
    return {"kind": "skip", "from": start} | options


CHAINS = {
    "affine_lstm": [dict(kind="affine"), dict(cell="lstm", hidden=5), dict(kind="affine", shift=False)],
    "normalised_gru": [
        NORMALISATION, dict(cell="gru_reset_after", hidden=20), NORMALISATION | dict(shift=False),
        dict(cell="gru_reset_after", hidden=4), dict(kind="affine", scale=False)],
    "root_mean_square": [
        dict(cell="lstm", hidden=17), ROOT_MEAN_SQUARE, dict(cell="elman", hidden=4), ROOT_MEAN_SQUARE | dict(scale=False)],
    "plain_normalisation": [NORMALISATION | dict(scale=False, shift=False), dict(cell="elman", hidden=3), dense(2)],
    "prelu_alone": [dict(kind="prelu"), dict(cell="gru_reset_after", hidden=5), dict(kind="prelu")],
    "activation_alone": [
        dict(cell="lstm", hidden=6), dict(kind="activation", activation=["softplus", 0, 0]),
        dict(kind="activation", activation=["identity", 0, 0], normalisation="log_softmax")],
    "softmax_within": [
        dict(kind="activation", activation=["tanh", 0, 0], normalisation="softmax"), dict(cell="lstm", hidden=4), LAST, dense(2)],
    "sum_of_directions": [
        dict(cell="lstm", hidden=5, bidirectional=True), dict(kind="merge", by="sum"), dict(cell="elman", hidden=3)],
    "average_of_directions": [
        dict(cell="gru_reset_after", hidden=5, bidirectional=True), LAST, dict(kind="merge", by="average"), NORMALISATION, dense(3)],
    "product_of_directions": [
        dict(cell="elman", hidden=18, bidirectional=True), dict(kind="merge", by="product"), dict(kind="prelu")],
    "mean_pooling": [dict(cell="gru_reset_after", hidden=5), dict(kind="pool", by="mean"), dense(3)],
    "maximum_pooling": [
        dict(cell="lstm", hidden=4, bidirectional=True), dict(kind="prelu"), dict(kind="pool", by="maximum"), dense(2)],
    "sum_pooling": [dict(cell="lstm", hidden=6), NORMALISATION, dict(kind="pool", by="sum"), dict(kind="affine")],
    "last_step": [
        dict(cell="gru_reset_after", hidden=4, bidirectional=True), dict(kind="pool", by="last"), dense(3)],
    "step_2": [dict(cell="lstm", hidden=5), dict(kind="step", step=2), dict(kind="affine")],
    "attention_pooling": [
        dict(cell="gru_reset_after", hidden=5, bidirectional=True), dense(6, "tanh"), dict(kind="attention"), dense(2)],
    "hidden_and_cell": [dict(cell="lstm", hidden=5), LAST | dict(cells=True), dense(3)],
    "states_of_all_layers": [
        dict(cell="lstm", hidden=3, bidirectional=True), dict(cell="lstm", hidden=4, bidirectional=True),
        LAST | dict(all_layers=True, cells=True)],
    "residual_with_gains": [
        dense(4, "tanh"), dict(cell="lstm", hidden=4), skip(1, scale="per_feature"), dense(2)],
    "residual_around_all": [dict(cell="gru_reset_after", hidden=6), dense(3), skip(0)],
    "residual_of_two_features": [
        dict(cell="gru_reset_after", hidden=4), skip(0, scale="one", features=2),
        dict(kind="pool", by="mean"), dense(4), skip(3)],
    "sum_of_final_directions": [dict(cell="lstm", hidden=5, bidirectional=True), LAST, dict(kind="merge", by="sum"), dense(2)],
}
ACTIVATIONS = {"softplus": functional.softplus, "tanh": torch.tanh, "identity": lambda x: x}
CELLS = {"lstm": nn.LSTM, "gru_reset_after": nn.GRU, "elman": nn.RNN}


class Chain:
    """The parameters of a chain in their order, and its equations."""

    def __init__(self, layers, size):
        self.parameters = []
        self.layers = []
        sizes = []
        for layer in layers:
            sizes.append(size)
            function, size = self.layer(layer, size, sizes)
            self.layers.append((layer, function))

    def vector(self, size, centre):
        values = (centre + 0.3 * torch.randn(size)).double().requires_grad_()
        self.parameters.append(values)
        return values

    def layer(self, layer, size, sizes):
        """The parameters of a layer and the size of its output."""
        if layer.get("cell") == "dense":
            module = nn.Linear(size, layer["hidden"]).double()
            self.parameters += module.parameters()
            return module, layer["hidden"]
        if "cell" in layer:
            both = layer.get("bidirectional", False)
            module = CELLS[layer["cell"]](size, layer["hidden"], bidirectional=both).double()
            self.parameters += module.parameters()
            return module, layer["hidden"] * (1 + both)
        kind = layer["kind"]
        if kind == "merge":
            return None, size // 2
        if kind == "final_state":
            below = [module for _, module in self.layers if isinstance(module, nn.RNNBase)]
            below = below if layer.get("all_layers") else below[-1:]
            return None, sum(module.hidden_size * (1 + module.bidirectional) for module in below) * (1 + layer.get("cells", False))
        if kind == "attention":
            return self.vector(size, 0), size
        if kind == "skip":
            count = {"one": 1, "per_feature": layer.get("features", size)}.get(layer.get("scale"))
            return None if count is None else self.vector(count, 1), size
        has = kind in ("affine", "normalisation", "prelu")
        scale = self.vector(size, 0.3 if kind == "prelu" else 1) if has and layer.get("scale", True) else None
        shift = self.vector(size, 0) if has and kind != "prelu" and layer.get("shift", True) else None
        return (scale, shift), size

    def forward(self, x, lengths):
        """[T, N, O], or [N, O] above a layer that makes one row per sequence."""
        live = (torch.arange(x.shape[0])[:, None] < torch.tensor(lengths))[..., None]
        states, entering = [], []
        for layer, function in self.layers:
            entering.append(x)
            kind = layer.get("kind")
            if layer.get("cell") == "dense":
                x = ACTIVATIONS[layer["activation"][0]](function(x))
            elif "cell" in layer:
                packed, final = function(pack_padded_sequence(x, lengths, enforce_sorted=False))
                x = pad_packed_sequence(packed)[0]
                states.append(final if isinstance(final, tuple) else (final,))
            elif kind == "final_state":
                below = states if layer.get("all_layers") else states[-1:]
                x = torch.cat([part for number in range(1 + layer.get("cells", False)) for state in below for part in state[number]], 1)
            elif kind == "skip":
                added = entering[layer["from"]][..., :layer.get("features", x.shape[-1])]
                added = added if function is None else function * added
                x = x + functional.pad(added, (0, x.shape[-1] - added.shape[-1]))
            elif kind in ("pool", "step", "attention"):
                x = self.pooled(layer, function, x, live, torch.tensor(lengths))
            else:
                x = self.rows(layer, function, x)
        return x

    @staticmethod
    def pooled(layer, weights, x, live, lengths):
        if layer["kind"] == "step":
            return torch.where((lengths > layer["step"])[:, None], x[layer["step"]], torch.zeros(()).double())
        if layer["kind"] == "attention":
            shares = (x @ weights).masked_fill(~live[..., 0], -torch.inf).softmax(0)
            return (shares[..., None] * x).sum(0)
        total = torch.where(live, x, torch.zeros(()).double()).sum(0)
        return {
            "mean": lambda: total / lengths[:, None],
            "sum": lambda: total,
            "maximum": lambda: x.masked_fill(~live, -torch.inf).max(0).values,
            "last": lambda: x[lengths - 1, torch.arange(len(lengths))],
        }[layer["by"]]()

    @staticmethod
    def rows(layer, function, x):
        kind = layer["kind"]
        if kind == "merge":
            forward, reverse = x.chunk(2, -1)
            return {"sum": forward + reverse, "average": (forward + reverse) / 2, "product": forward * reverse}[layer["by"]]
        scale, shift = function
        if kind == "prelu":
            return torch.where(x >= 0, x, scale * x)
        if kind == "activation":
            x = ACTIVATIONS[layer["activation"][0]](x)
            name = layer.get("normalisation")
            return x if name is None else getattr(functional, name)(x, -1)
        if kind == "normalisation" and layer["by"] == "layer":
            return functional.layer_norm(x, x.shape[-1:], scale, shift, layer["epsilon"])
        if kind == "normalisation":
            x = x / torch.sqrt((x * x).mean(-1, keepdim=True) + layer["epsilon"])
        x = x if scale is None else x * scale
        return x if shift is None else x + shift


def main():
    FOLDER.mkdir(exist_ok=True)
    for number, (name, layers) in enumerate(CHAINS.items()):
        torch.manual_seed(100 + number)
        size, steps, lengths = 3, 6, [6, 2, 5]
        chain = Chain(layers, size)
        with torch.no_grad():
            for parameter in chain.parameters:
                parameter.copy_(parameter.float().double())
        x = torch.randn(steps, len(lengths), size).double()
        live = (torch.arange(steps)[:, None] < torch.tensor(lengths))[..., None]
        x = torch.where(live, x.float().double(), torch.tensor(PADDING).double()).requires_grad_()
        y = chain.forward(x, lengths)
        gy = torch.randn(y.shape).float().double()
        if y.dim() == 3:
            gy, y = gy * live, torch.where(live, y, torch.zeros(()).double())
        gradients = torch.autograd.grad((y * gy).sum(), [x, *chain.parameters])
        tensors = {
            "x": x.detach(), "y": y.detach(), "gy": gy, "parameters": torch.cat([p.detach().flatten() for p in chain.parameters]),
            "grad.x": gradients[0], "grad.parameters": torch.cat([g.flatten() for g in gradients[1:]]),
        }
        spec = json.dumps(dict(input=size, layers=layers), separators=(",", ":"))
        write(FOLDER / f"{number:02}_{name}.safetensors", tensors, dict(spec=spec, lengths=lengths))


if __name__ == "__main__":
    main()
