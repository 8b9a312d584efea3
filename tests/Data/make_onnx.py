"""Writes onnx/*.onnx, models as PyTorch exports them, and beside each a .safetensors of what it computes. See README.md."""

import io
import pathlib
import warnings

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from make_references import write

FOLDER = pathlib.Path(__file__).parent / "onnx"


class Classifier(nn.Module):
    """A recurrent stack, its final states, dense layers and a softmax."""

    def __init__(self, module, layers, bidirectional, embedding=None):
        super().__init__()
        self.embedding = nn.Embedding(9, 3) if embedding else nn.Identity()
        self.rnn = getattr(nn, module)(3, 4, layers, batch_first=True, bidirectional=bidirectional)
        size = 8 if bidirectional else 4
        self.dense = nn.Sequential(nn.Linear(size, 5), nn.ReLU(), nn.Dropout(0.5), nn.Linear(5, 2), nn.Softmax(dim=1))

    def forward(self, x):
        _, states = self.rnn(self.embedding(x))
        hidden = states[0] if isinstance(states, tuple) else states
        last = torch.cat([hidden[-2], hidden[-1]], 1) if self.rnn.bidirectional else hidden[-1]
        return self.dense(last)


class Stateful(nn.Module):
    """A layer on every step, with states that go in and come out."""

    def __init__(self, module, layers, bidirectional):
        super().__init__()
        self.rnn = getattr(nn, module)(3, 4, layers, bidirectional=bidirectional)
        self.dense = nn.Linear(8 if bidirectional else 4, 1)

    def forward(self, x, *states):
        y, states = self.rnn(x, states if len(states) > 1 else states[0])
        return (torch.sigmoid(self.dense(y)), *(states if isinstance(states, tuple) else (states,)))


class Packed(nn.Module):
    """Sequences of different lengths."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(3, 4, bidirectional=True)
        self.dense = nn.Linear(8, 2)

    def forward(self, x, lengths):
        _, (hidden, _) = self.rnn(pack_padded_sequence(x, lengths))
        return self.dense(torch.cat([hidden[0], hidden[1]], 1))


class Chunk(nn.Module):
    """h and c in one array, one step at a time, as speech detectors have it."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.LSTM(3, 4)
        self.dense = nn.Linear(4, 1)

    def forward(self, x, state):
        y, (h, c) = self.rnn(x.unsqueeze(0), (state[0].unsqueeze(0), state[1].unsqueeze(0)))
        return torch.sigmoid(self.dense(torch.relu(y[0]))), torch.stack([h[0], c[0]])


class Effect(nn.Module):
    """The input is added to the output."""

    def __init__(self):
        super().__init__()
        self.front = nn.Sequential(nn.Linear(3, 3), nn.Tanh())
        self.rnn = nn.GRU(3, 4, batch_first=True)
        self.dense = nn.Linear(4, 1)

    def forward(self, x):
        y, _ = self.rnn(self.front(x))
        return self.dense(y) + x[..., 0:1]


class LastStep(nn.Module):
    """Dense layers on every step of which the last one is taken, from steps and features on the wrong axes."""

    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(3, 4, nonlinearity="relu", batch_first=True, bidirectional=True)
        self.dense = nn.Linear(8, 2)

    def forward(self, x):
        y, _ = self.rnn(x.permute(0, 2, 1))
        return self.dense(y)[:, -1, :]


def make(name, model, inputs, outputs, opset, axes):
    model.eval()
    file = io.BytesIO()
    with torch.no_grad():
        torch.onnx.export(
            model, tuple(inputs.values()), file, input_names=list(inputs), output_names=outputs, opset_version=opset, dynamic_axes=axes)
        results = model(*inputs.values())
    results = results if isinstance(results, tuple) else (results,)
    (FOLDER / f"{name}.onnx").write_bytes(file.getvalue())
    write(FOLDER / f"{name}.safetensors", {**inputs, **dict(zip(outputs, results))}, {"outputs": outputs})


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    torch.manual_seed(1)
    torch.set_num_threads(1)
    FOLDER.mkdir(exist_ok=True)
    x, time_major = torch.randn(2, 5, 3), torch.randn(5, 2, 3)
    batch_first = {"x": {0: "batch", 1: "steps"}}
    make("lstm_classifier_fixed", Classifier("LSTM", 1, False), dict(x=x), ["y"], 9, None)
    make("gru_classifier_open", Classifier("GRU", 2, True), dict(x=x), ["y"], 13, batch_first)
    make("lstm_embedding", Classifier("LSTM", 1, True, True), dict(x=torch.randint(9, (2, 5))), ["y"], 17, batch_first)
    states = dict(h0=torch.randn(4, 2, 4), c0=torch.randn(4, 2, 4))
    make("lstm_states", Stateful("LSTM", 2, True), dict(x=time_major, **states), ["y", "hn", "cn"], 14, {
        "x": {0: "steps", 1: "batch"}, "h0": {1: "batch"}, "c0": {1: "batch"}})
    make("rnn_states_fixed", Stateful("RNN", 1, False), dict(x=time_major, h0=torch.randn(1, 2, 4)), ["y", "hn"], 11, None)
    make("lstm_packed", Packed(), dict(x=time_major, lengths=torch.tensor([5, 3])), ["y"], 13, {"x": {0: "steps"}})
    make("lstm_chunk", Chunk(), dict(x=torch.randn(2, 3), state=torch.randn(2, 2, 4)), ["y", "next"], 16, {
        "x": {0: "batch"}, "state": {1: "batch"}})
    make("gru_effect", Effect(), dict(x=x), ["y"], 12, batch_first)
    make("rnn_last_step", LastStep(), dict(x=x.permute(0, 2, 1).contiguous()), ["y"], 15, {"x": {0: "batch", 2: "steps"}})
