"""Writes torch/*.safetensors, optimisers.safetensors and activations.safetensors: what PyTorch computes. See README.md."""

import json
import pathlib
import struct

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

FOLDER = pathlib.Path(__file__).parent / "torch"
PADDING = 99.0

RNN_CASES = [
    dict(module="RNN", nonlinearity="tanh", input_size=3, hidden_size=5, T=6, B=2, state=True),
    dict(module="RNN", nonlinearity="tanh", input_size=2, hidden_size=20, T=5, B=1, bias=False),
    dict(module="RNN", nonlinearity="relu", input_size=3, hidden_size=5, T=6, B=3, num_layers=2, bidirectional=True,
         lengths=[2, 6, 3]),
    dict(module="GRU", input_size=1, hidden_size=17, T=5, B=2, state=True),
    dict(module="GRU", input_size=5, hidden_size=8, T=7, B=1, bias=False),
    dict(module="GRU", input_size=3, hidden_size=4, T=6, B=3, num_layers=2, bidirectional=True, state=True,
         lengths=[4, 1, 6]),
    dict(module="LSTM", input_size=1, hidden_size=17, T=4, B=2, state=True),
    dict(module="LSTM", input_size=3, hidden_size=6, T=7, B=1, num_layers=2, bias=False),
    dict(module="LSTM", input_size=3, hidden_size=3, T=6, B=3, num_layers=2, bidirectional=True, state=True,
         lengths=[3, 6, 1]),
    dict(module="LSTM", input_size=4, hidden_size=8, T=6, B=2, proj_size=3),
    dict(module="LSTM", input_size=2, hidden_size=4, T=5, B=3, num_layers=2, bidirectional=True, proj_size=2,
         state=True, lengths=[5, 2, 4]),
    dict(module="GRU", input_size=3, hidden_size=8, T=5, B=2, head="every_step", head_size=3),
    dict(module="LSTM", input_size=3, hidden_size=5, T=6, B=3, bidirectional=True, head="last_step", head_size=2,
         lengths=[6, 4, 5]),
]

TRAINING_CASES = [
    dict(module="GRU", input_size=3, hidden_size=5, T=6, B=4, head="every_step", head_size=2,
         loss="mean_squared_error", optimiser="SGD", arguments=dict(lr=0.1, momentum=0.9), clip=1.0, steps=10),
    dict(module="LSTM", input_size=3, hidden_size=5, T=6, B=4, head="last_step", head_size=3, lengths=[6, 2, 5, 3],
         loss="softmax_cross_entropy", optimiser="Adam", arguments=dict(lr=0.02), clip=0.7, steps=10),
    dict(module="RNN", nonlinearity="tanh", input_size=3, hidden_size=5, T=6, B=4, head="last_step", head_size=1,
         loss="binary_cross_entropy", optimiser="AdamW", arguments=dict(lr=0.02, weight_decay=0.1), clip=0.7, steps=10),
]

ACTIVATIONS = {
    "clip": nn.Hardtanh(),
    "relu6": nn.ReLU6(),
    "silu": nn.SiLU(),
    "gelu": nn.GELU(),
    "gelu_tanh": nn.GELU(approximate="tanh"),
    "exp": torch.exp,
    "selu": nn.SELU(),
    "celu": nn.CELU(),
    "celu_half": nn.CELU(0.5),
    "hard_swish": nn.Hardswish(),
    "mish": nn.Mish(),
}

OPTIMISER_STEPS = 25
OPTIMISER_CASES = {
    "sgd": ("SGD", dict(lr=0.1)),
    "sgd_momentum": ("SGD", dict(lr=0.1, momentum=0.9)),
    "sgd_momentum_decay": ("SGD", dict(lr=0.05, momentum=0.8, weight_decay=0.02)),
    "adam": ("Adam", dict(lr=0.1)),
    "adam_all": ("Adam", dict(lr=0.02, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1)),
    "adamw": ("AdamW", dict(lr=0.05)),
    "adamw_all": ("AdamW", dict(lr=0.02, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1)),
    "rmsprop": ("RMSprop", dict(lr=0.01)),
    "rmsprop_momentum": ("RMSprop", dict(lr=0.01, momentum=0.9)),
    "rmsprop_centred": ("RMSprop", dict(lr=0.01, centered=True)),
    "rmsprop_all": ("RMSprop", dict(lr=0.02, alpha=0.9, eps=1e-4, momentum=0.7, weight_decay=0.1)),
    "rmsprop_all_centred": ("RMSprop", dict(lr=0.02, alpha=0.9, eps=1e-4, momentum=0.7, weight_decay=0.1, centered=True)),
}

DEFAULTS = dict(nonlinearity=None, num_layers=1, bidirectional=False, bias=True, proj_size=0, head=None, lengths=None)


class Model(nn.Module):
    """A recurrent module under the name rnn and, if there is one, the dense layer head on it."""

    def __init__(self, case):
        super().__init__()
        options = {key: case[key] for key in ("num_layers", "bidirectional", "bias")}
        if case["module"] == "RNN":
            options["nonlinearity"] = case["nonlinearity"]
        if case["module"] == "LSTM":
            options["proj_size"] = case["proj_size"]
        self.case = case
        self.directions = 1 + case["bidirectional"]
        self.rnn = getattr(nn, case["module"])(case["input_size"], case["hidden_size"], **options)
        if case["head"]:
            self.head = nn.Linear(case["hidden_size"] * self.directions, case["head_size"])
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -1.5 / case["hidden_size"] ** 0.5, 1.5 / case["hidden_size"] ** 0.5)

    def forward(self, x, states):
        """x [T, B, I] -> y and the final states; a state is [layers * directions, B, size]."""
        lengths = self.case["lengths"]
        if lengths:
            x = pack_padded_sequence(x, torch.tensor(lengths), enforce_sorted=False)
        y, final = self.rnn(x, (states if len(states) > 1 else states[0]) if states else None)
        if lengths:
            y, _ = pad_packed_sequence(y, total_length=self.case["T"])
        final = final if isinstance(final, tuple) else (final,)
        if self.case["head"] == "every_step":
            y = self.head(y)
        if self.case["head"] == "last_step":
            y = self.head(torch.cat(list(final[0][-self.directions:]), dim=1))
        return y, final

    def weights(self):
        """Parameters by their names in a state_dict; without a head the module is saved alone."""
        return {name if self.case["head"] else name[len("rnn."):]: value for name, value in self.named_parameters()}


def rounded(tensor):
    """What float32 holds, in float64: both precisions start from the same numbers."""
    return tensor.float().double()


def make(case, seed):
    """The case with its defaults, its model in float64, and a generator of rounded random tensors."""
    torch.manual_seed(seed)
    case = {**DEFAULTS, **case}
    model = Model(case).double()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(rounded(parameter))
    x = rounded(torch.randn(case["T"], case["B"], case["input_size"]))
    for row, length in enumerate(case["lengths"] or []):
        x[length:, row] = PADDING
    return case, model, x


def write(path, tensors, case):
    """A safetensors file: the header's length in 8 bytes, the header padded to 8, the data; float64 stays, the rest is F32."""
    header, data = {"__metadata__": {"case": json.dumps(case)}}, b""
    for key, tensor in sorted(tensors.items(), key=lambda item: item[1].dtype != torch.float64):
        dtype, code = ("F64", "d") if tensor.dtype == torch.float64 else ("F32", "f")
        values = tensor.detach().flatten().tolist()
        encoded = struct.pack(f"<{len(values)}{code}", *values)
        header[key] = {"dtype": dtype, "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(encoded)]}
        data += encoded
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def single(tensors, prefix=""):
    return {prefix + key: tensor.detach().clone().float() for key, tensor in tensors.items()}


def path_of(number, case):
    """Such as 05_gru_2_layers_bidirectional_ragged.safetensors."""
    parts = [f"{number:02}", case["module"].lower(), case["nonlinearity"]]
    parts += [f"{case['num_layers']}_layers"] if case["num_layers"] > 1 else []
    parts += ["bidirectional"] if case["bidirectional"] else []
    parts += ["projected"] if case["proj_size"] else []
    parts += [f"head_{case['head']}"] if case["head"] else []
    parts += ["ragged"] if case["lengths"] else []
    parts += [case["optimiser"].lower()] if "optimiser" in case else []
    return FOLDER / ("_".join(part for part in parts if part) + ".safetensors")


def write_gradients(number, case):
    """loss = sum(y * gy) + sum(hn * gh) + sum(cn * gc); y, hn, cn and grad.* of every parameter, x, h0 and c0."""
    case, model, x = make(case, 1000 + number)
    given = case.pop("state", False)
    sets, batch = case["num_layers"] * model.directions, case["B"]
    sizes = [case["proj_size"] or case["hidden_size"]] + ([case["hidden_size"]] if case["module"] == "LSTM" else [])
    states = [rounded(0.8 * torch.randn(sets, batch, size)).requires_grad_() for size in sizes] if given else []
    y, final = model(x.requires_grad_(), states)
    upstream = [rounded(torch.randn(output.shape)) for output in (y, *final)]
    sum((output * gradient).sum() for output, gradient in zip((y, *final), upstream)).backward()

    inputs = dict(zip(("x", "h0", "c0"), (x, *states)))
    outputs = dict(zip(("y", "hn", "cn"), (y, *final)))
    tensors = {**single(model.weights()), **single(inputs), **single(dict(zip(("gy", "gh", "gc"), upstream))), **single(outputs)}
    tensors.update(single({key: value.grad for key, value in {**model.weights(), **inputs}.items()}, "grad."))
    write(path_of(number, case), tensors, case)


def write_training(number, case):
    """The losses before each step, and the weights after the last one as after.*."""
    case, model, x = make(case, 2000 + number)
    shape = (case["T"], case["B"], case["head_size"]) if case["head"] == "every_step" else (case["B"], case["head_size"])
    loss_of, target = {
        "mean_squared_error": lambda: (functional.mse_loss, rounded(torch.randn(shape))),
        "softmax_cross_entropy": lambda: (functional.cross_entropy, torch.randint(shape[1], shape[:1])),
        "binary_cross_entropy": lambda: (functional.binary_cross_entropy_with_logits, torch.randint(2, shape).double()),
    }[case["loss"]]()
    optimiser = getattr(torch.optim, case["optimiser"])(model.parameters(), **case["arguments"])
    tensors = {**single(model.weights()), **single({"x": x, "target": target})}
    losses = []
    for _ in range(case["steps"]):
        optimiser.zero_grad()
        loss = loss_of(model(x, [])[0], target)
        loss.backward()
        losses.append(loss.item())
        nn.utils.clip_grad_norm_(model.parameters(), case["clip"])
        optimiser.step()
    tensors["losses"] = torch.tensor(losses, dtype=torch.float64)
    tensors.update(single(model.weights(), "after."))
    write(path_of(number, case), tensors, case)


def write_optimisers():
    """start, gradients of every step, and for each case the parameters after every step; schedules the same way."""
    torch.manual_seed(3000)
    start = torch.randn(6, dtype=torch.float64)
    gradients = torch.randn(OPTIMISER_STEPS, 6, dtype=torch.float64) * torch.tensor([1, 0.01, 100, 1e-9, 0, 1])
    gradients[:, 5] = 0.25
    tensors, arguments = {"start": start, "gradients": gradients}, {}
    for name, (kind, settings) in OPTIMISER_CASES.items():
        parameter = nn.Parameter(start.clone())
        optimiser = getattr(torch.optim, kind)([parameter], **settings)
        steps = []
        for gradient in gradients:
            parameter.grad = gradient.clone()
            optimiser.step()
            steps.append(parameter.detach().clone())
        tensors[name] = torch.stack(steps)
        arguments[name] = dict(kind=kind, **settings)
    schedules = torch.optim.lr_scheduler
    tensors["step"] = rates(lambda optimiser: schedules.StepLR(optimiser, 7, 0.3))
    tensors["cosine"] = rates(lambda optimiser: schedules.CosineAnnealingLR(optimiser, OPTIMISER_STEPS - 1, 0.02))
    tensors["warm_up_then_step"] = rates(lambda optimiser: schedules.SequentialLR(
        optimiser, [schedules.LinearLR(optimiser, 1 / 5, 1, 4), schedules.StepLR(optimiser, 7, 0.3)], [5]))
    write(FOLDER.parent / "optimisers.safetensors", tensors, arguments)


def write_activations():
    """a, and for each function its values and its derivatives .slope, in float64."""
    a = torch.cat([torch.arange(-64, 65) / 8.0, torch.tensor([-90, -30, -14.5, -1e-6, 1e-6, 30, 90])]).double()
    a = a[a.abs() != 3]  # the derivative of Hardswish there differs between versions
    tensors = {"a": a}
    for name, function in ACTIVATIONS.items():
        x = a.clone().requires_grad_()
        y = function(x)
        y.sum().backward()
        tensors[name], tensors[name + ".slope"] = y, x.grad
    write(FOLDER.parent / "activations.safetensors", tensors, list(ACTIVATIONS))


def rates(make_schedule):
    """The learning rate of every step, from 0.5."""
    optimiser = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.5)
    schedule = make_schedule(optimiser)
    values = []
    for _ in range(OPTIMISER_STEPS):
        values.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        schedule.step()
    return torch.tensor(values, dtype=torch.float64)


if __name__ == "__main__":
    # One thread and one order of summation: the same bytes every time.
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    FOLDER.mkdir(exist_ok=True)
    for file in FOLDER.glob("*.safetensors"):
        file.unlink()
    for number, case in enumerate(RNN_CASES):
        write_gradients(number, case)
    for number, case in enumerate(TRAINING_CASES):
        write_training(len(RNN_CASES) + number, case)
    write_optimisers()
    write_activations()
