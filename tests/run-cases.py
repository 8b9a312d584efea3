"""Runs a build of the program on every reference case that has a model and inputs: run-cases.py PROGRAM CASES OUT.

Writes every output that the model has into the folder OUT, one folder for each run; same-bits.sh compares two such folders.
"""
import json
import pathlib
import re
import struct
import subprocess
import sys


def save(path, shape, values, kind):
    """Writes a .npy file of float32 ('f') or int32 ('i')."""
    sizes = ", ".join(str(size) for size in shape) + ("," if len(shape) == 1 else "")
    header = "{'descr': '<%s4', 'fortran_order': False, 'shape': (%s), }" % (kind, sizes)
    header += " " * (-(len(header) + 11) % 64) + "\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + struct.pack(f"<{len(values)}{kind}", *values))


def runs(cases, scratch):
    """Yields name, model, inputs by name, and further options."""
    for folder in sorted((cases / "torch").iterdir()):
        case = json.loads((folder / "case.json").read_text())
        options = ["--batch-first"] if case["config"]["batch_first"] else []
        options += ["--nonlinearity", "relu"] if case["config"].get("nonlinearity") == "relu" else []
        inputs = {name: folder / file for name, file in case["inputs"].items()}
        yield folder.name, folder / "weights.safetensors", inputs, options
    for folder in sorted((cases / "onnx-node").iterdir()):
        if folder.is_dir():
            case = json.loads((folder / "case.json").read_text())
            inputs = {one["name"]: folder / one["file"] for one in case["inputs"]}
            yield folder.name, folder / "model.onnx", inputs, []
    for number, case in enumerate(json.loads((cases / "onnx-runtime" / "cases.json").read_text())["cases"]):
        inputs = {}
        for name, tensor in case["inputs"].items():
            inputs[name] = scratch / f"{number}.{name}.npy"
            save(inputs[name], tensor["shape"], tensor["data"], "i" if name == "sequence_lens" else "f")
        yield f"onnx-runtime-{number}", cases / "onnx-runtime" / case["model"], inputs, []
    for folder in sorted((cases / "rtneural").iterdir()):
        if (folder / "input.csv").exists():
            values = [float(word) for word in (folder / "input.csv").read_text().replace(",", " ").split()]
            x = scratch / f"{folder.name}.npy"
            save(x, [len(values), 1, 1], values, "f")
            yield folder.name, folder / "model.json", {"x": x}, []
    for folder in sorted((cases / "nam").glob("*/model.nam")):
        x = {"x": cases / "nam" / "shared" / "nam_input_48k.npy"}
        yield folder.parent.name, folder, x, []
        yield folder.parent.name + "-prewarmed", folder, x, ["--prewarm"]
    for file in sorted((cases / "public").rglob("case.json")):
        case = json.loads(file.read_text())
        inputs = {name: file.parent / path for name, path in case["inputs"].items()}
        yield f"public-{file.parent.parent.name}-{file.parent.name}", file.parent / case["model"], inputs, []


def main():
    program, cases, out = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
    scratch = out / "inputs"
    scratch.mkdir(parents=True)
    done = 0
    for name, model, inputs, options in runs(cases, scratch):
        for precision in ("fp32", "bf16", "int8"):
            folder = out / f"{name}-{precision}"
            folder.mkdir()
            given = [word for key, path in inputs.items() for word in ("--input", f"{key}={path}")]
            command = [str(program), "run", str(model), *given, "--precision", precision, *options]

            # The outputs that there are stand in the refusal of one that there is not.
            asked = subprocess.run([*command, "--output", "none=n.npy"], capture_output=True, text=True, cwd=folder)
            names = re.search(r"the name 'none', expected one of (.*)\. See", asked.stderr)
            if names is None:
                (folder / "refused").write_text(f"{asked.returncode}")
                continue
            wanted = [word for key in names[1].split(", ") for word in ("--output", f"{key}={key}.npy")]
            result = subprocess.run([*command, *wanted], capture_output=True, text=True, cwd=folder)
            (folder / "exit").write_text(f"{result.returncode}")
            done += result.returncode == 0
    print(f"{done} runs")


main()
