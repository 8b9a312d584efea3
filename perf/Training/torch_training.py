"""Training steps of PyTorch on request, one thread, for `perf -- compare training`, which starts this and talks over stdin and stdout.

The first line out is a JSON object that says what runs. Then each line in is answered by one line out:
  load CELL I H FOLDER   reads model.safetensors and data.safetensors (x, dy) of the folder, does one step, and writes
                         gradients.safetensors and results.safetensors (y, dx) beside them: "ready"
  burst N                N steps, after which no gradient is left from: the nanoseconds that they took
"""

import ctypes
import json
import os
import sys
import time

try:
    import torch
except ImportError:
    sys.exit("no torch")

torch.set_num_threads(1)
torch.set_num_interop_threads(1)

MODULES = {"LSTM": torch.nn.LSTM, "GRU": torch.nn.GRU, "Elman": torch.nn.RNN}


class SymbolInfo(ctypes.Structure):
    _fields_ = [("file", ctypes.c_char_p), ("base", ctypes.c_void_p), ("name", ctypes.c_char_p), ("address", ctypes.c_void_p)]


def provider():
    """The file with the product of matrices that torch calls, empty if unknown; LAPACK may load OpenBLAS without its being that."""
    info = SymbolInfo()
    try:
        library = ctypes.CDLL(os.path.join(os.path.dirname(torch.__file__), "lib", "libtorch_cpu.so"))
        ctypes.CDLL(None).dladdr(library.sgemm_, ctypes.byref(info))
    except (AttributeError, OSError):
        return ""
    return os.path.realpath(info.file.decode()) if info.file else ""


def blas():
    """The library that products of matrices come from, and for OpenBLAS the kernels that it chose."""
    torch.ones(8, 8) @ torch.ones(8, 8)
    products = provider()
    mapped = set()
    if os.path.exists("/proc/self/maps"):
        with open("/proc/self/maps", encoding="utf-8") as maps:
            mapped = {line.split(maxsplit=5)[5].strip() for line in maps if len(line.split(maxsplit=5)) > 5}
    for path in sorted(mapped):
        if "openblas" in products and "openblas" in os.path.basename(path):
            library = ctypes.CDLL(path)
            library.openblas_get_corename.restype = ctypes.c_char_p
            library.openblas_get_config.restype = ctypes.c_char_p
            config = library.openblas_get_config().decode().split()
            return " ".join(config[:2]), library.openblas_get_corename().decode()
    if torch.backends.mkl.is_available():
        return "MKL", None
    return os.path.basename(products) or "an unknown library", None


def dnnl():
    """The version of the oneDNN that it was built with, null without."""
    words = torch.__config__.show().split()
    return next((word for name, word in zip(words, words[1:]) if name == "MKL-DNN"), None)


def read(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = bytearray(file.read())
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            values = torch.frombuffer(data, dtype=torch.float32, offset=begin, count=(end - begin) // 4)
            tensors[name] = values.reshape(entry["shape"]).clone()
    return tensors


def write(path, tensors):
    header, data = {}, b""
    for name, tensor in tensors.items():
        tensor = tensor.detach().contiguous()
        raw = ctypes.string_at(tensor.data_ptr(), 4 * tensor.numel())
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text + data)


def load(cell, input_size, hidden_size, folder):
    module = MODULES[cell](int(input_size), int(hidden_size))
    module.load_state_dict(read(os.path.join(folder, "model.safetensors")))
    data = read(os.path.join(folder, "data.safetensors"))
    x, dy = data["x"].requires_grad_(), data["dy"]

    def step():
        module.zero_grad(set_to_none=True)
        x.grad = None
        y, _ = module(x)
        y.backward(dy)
        return y

    y = step()
    write(os.path.join(folder, "gradients.safetensors"), {name: value.grad for name, value in module.named_parameters()})
    write(os.path.join(folder, "results.safetensors"), {"y": y, "dx": x.grad})
    return step


def main():
    def answer(text):
        print(text, flush=True)

    library, core = blas()
    answer(json.dumps({"version": torch.__version__, "blas": library, "core": core, "dnnl": dnnl()}))
    step = None
    for line in sys.stdin:
        command, *arguments = line.rstrip("\n").split(" ", 4)
        if command == "load":
            step = load(*arguments)
            answer("ready")
        elif command == "burst":
            start = time.perf_counter_ns()
            for _ in range(int(arguments[0])):
                step()
            answer(time.perf_counter_ns() - start)
        else:
            sys.exit(f"'{command}' is not known, expected load or burst")


main()
