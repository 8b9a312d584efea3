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
CHAINS = {
    "affine_lstm": dict(layers=[dict(kind="affine"), dict(cell="lstm", hidden=5), dict(kind="affine", shift=False)]),
    "normalised_gru": dict(layers=[
        NORMALISATION, dict(cell="gru_reset_after", hidden=20), NORMALISATION | dict(shift=False),
        dict(cell="gru_reset_after", hidden=4), dict(kind="affine", scale=False)]),
    "root_mean_square": dict(layers=[
        dict(cell="lstm", hidden=17), ROOT_MEAN_SQUARE, dict(cell="elman", hidden=4), ROOT_MEAN_SQUARE | dict(scale=False)]),
    "plain_normalisation": dict(layers=[
        NORMALISATION | dict(scale=False, shift=False), dict(cell="elman", hidden=3)],
        head=dict(outputs=2, position="every_step")),
    "prelu_alone": dict(layers=[dict(kind="prelu"), dict(cell="gru_reset_after", hidden=5), dict(kind="prelu")]),
    "activation_alone": dict(layers=[
        dict(cell="lstm", hidden=6), dict(kind="activation", activation=["softplus", 0, 0]),
        dict(kind="activation", activation=["identity", 0, 0], normalisation="log_softmax")]),
    "softmax_within": dict(layers=[
        dict(kind="activation", activation=["tanh", 0, 0], normalisation="softmax"), dict(cell="lstm", hidden=4)],
        head=dict(outputs=2, position="last_step")),
    "sum_of_directions": dict(layers=[
        dict(cell="lstm", hidden=5, bidirectional=True), dict(kind="merge", by="sum"), dict(cell="elman", hidden=3)]),
    "average_of_directions": dict(layers=[
        dict(cell="gru_reset_after", hidden=5, bidirectional=True), dict(kind="merge", by="average"), NORMALISATION],
        head=dict(outputs=3, position="last_step")),
    "product_of_directions": dict(layers=[
        dict(cell="elman", hidden=18, bidirectional=True), dict(kind="merge", by="product"), dict(kind="prelu")]),
}
ACTIVATIONS = {"softplus": functional.softplus, "tanh": torch.tanh, "identity": lambda x: x}
CELLS = {"lstm": nn.LSTM, "gru_reset_after": nn.GRU, "elman": nn.RNN}


class Chain:
    """The parameters of a chain in their order, and its equations."""

    def __init__(self, case, size):
        self.case = case
        self.parameters = []
        self.functions = []
        for layer in case["layers"]:
            function, size = self.layer(layer, size)
            self.functions.append((layer, function))
        self.head = None
        if "head" in case:
            self.head = nn.Linear(size, case["head"]["outputs"]).double()
            size = case["head"]["outputs"]
            self.parameters += self.head.parameters()
        self.size = size

    def vector(self, size, centre):
        values = (centre + 0.3 * torch.randn(size)).double().requires_grad_()
        self.parameters.append(values)
        return values

    def layer(self, layer, size):
        if "cell" in layer:
            both = layer.get("bidirectional", False)
            module = CELLS[layer["cell"]](size, layer["hidden"], bidirectional=both).double()
            self.parameters += module.parameters()
            return module, layer["hidden"] * (1 + both)
        kind = layer["kind"]
        if kind == "merge":
            return None, size // 2
        scale = self.vector(size, 0.3 if kind == "prelu" else 1) if kind != "activation" and layer.get("scale", True) else None
        shift = self.vector(size, 0) if kind in ("affine", "normalisation") and layer.get("shift", True) else None
        return (scale, shift), size

    def forward(self, x, lengths):
        final = None
        for layer, function in self.functions:
            if "cell" in layer:
                packed, states = function(pack_padded_sequence(x, lengths, enforce_sorted=False))
                x = pad_packed_sequence(packed)[0]
                hidden = states[0] if isinstance(states, tuple) else states
                final = torch.cat(list(hidden), 1)
            else:
                x = self.rows(layer, function, x)
                final = None if final is None else self.rows(layer, function, final)
        if self.head is None:
            return x
        return self.head(final if self.case["head"]["position"] == "last_step" else x)

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
    for number, (name, case) in enumerate(CHAINS.items()):
        torch.manual_seed(100 + number)
        size, steps, lengths = 3, 6, [6, 2, 5]
        chain = Chain(case, size)
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
        spec = json.dumps(dict(input=size, **case), separators=(",", ":"))
        write(FOLDER / f"{number:02}_{name}.safetensors", tensors, dict(spec=spec, lengths=lengths))


if __name__ == "__main__":
    main()
