#!/usr/bin/env bash
# Holds the working tree against another revision on this machine: tests/same-bits.sh REVISION
# Both programs run the reference cases: outputs and final states in three precisions, gradients and two hundred training steps in float
# and in double. It needs python3 to list the cases. Every file that they write must have the same bytes. Exit code 0: all the same. 1: a difference. 2: nothing to compare.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 2
cases="${SPANRNN_CASES:-../shared/cases}"
if [ $# -ne 1 ] || ! git rev-parse --verify --quiet "$1^{commit}" >/dev/null || [ ! -d "$cases/torch" ]; then
    echo "usage: tests/same-bits.sh REVISION, with the reference cases in SPANRNN_CASES or in ../shared/cases" >&2
    exit 2
fi

cases="$(cd "$cases" && pwd)"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/source" "$folder/base" "$folder/tree"
git archive "$1" | tar -x -C "$folder/source"
dotnet build "$folder/source/src/Cli" -c Release -o "$folder/program-base" -p:RunAnalyzers=false >/dev/null || exit 2
dotnet build src/Cli -c Release -o "$folder/program-tree" -p:RunAnalyzers=false >/dev/null || exit 2

# write SIDE: all files of one of the two programs, base or tree. Messages and exit codes are compared as well.
write() {
    local program="$folder/program-$1/spanrnn"
    cd "$folder/$1" || exit 2
    for model in "$cases"/torch/*/weights.safetensors; do
        local from name states
        from="$(dirname "$model")"
        name="$(basename "$from")"
        states=(--output "hn=$name.hn.npy")
        grep -q '"torch.nn.LSTM"' "$from/case.json" && states+=(--output "cn=$name.cn.npy")
        local form=()
        grep -q '"batch_first": true' "$from/case.json" && form+=(--batch-first)
        grep -q '"nonlinearity": "relu"' "$from/case.json" && form+=(--nonlinearity relu)
        for precision in fp32 bf16 int8; do
            "$program" run "$model" --input "$from/input.npy" "${form[@]}" --precision $precision \
                --output "$name.$precision.npy" "${states[@]/%.npy/.$precision.npy}"
        done

        # One step of plain descent at a rate beside which the parameters are nothing: what is saved is the gradient.
        for precision in single double; do
            "$program" train "$model" --input "$from/input.npy" --target "$from/gy.npy" "${form[@]}" --loss mse --optimiser sgd \
                --rate 1e20 --steps 1 --report 0 --precision $precision --output "$name.gradients.$precision.safetensors"
        done
    done

    for model in "$cases"/nam/*/model.nam "$cases"/rtneural/*/model.json "$cases"/onnx-runtime/models/*.onnx; do
        "$program" convert "$model" "$(basename "$(dirname "$model")").$(basename "$model").safetensors"
    done

    for cell in lstm:adam:0.005:1 gru:adam:0.005:1 rnn:sgd:0.05:0.5; do
        local kind optimizer rate norm
        IFS=: read -r kind optimizer rate norm <<<"$cell"
        for precision in single double; do
            "$program" train "$cases/training/adding_${kind}_$optimizer/weights_init.safetensors" --head last_step \
                --input "$cases/training/data/adding_x.npy" --target "$cases/training/data/adding_y.npy" --loss mse \
                --optimiser "$optimizer" --rate "$rate" --clip-norm "$norm" --batch 32 --steps 200 --report 0 --precision $precision \
                --threads 2 --losses "adding.$kind.$precision.csv" --output "adding.$kind.$precision.safetensors"
        done
    done
}

for side in base tree; do
    (write "$side") 2>&1 | sed -E 's/, in [0-9.]+ s$//' >"$folder/$side.txt"
done

# Every `run` of every reference case, with all outputs that the model has.
for side in base tree; do
    python3 tests/run-cases.py "$folder/program-$side/spanrnn" "$cases" "$folder/$side/runs" || exit 2
done

files=$(find "$folder/tree" -type f | wc -l)
outputs=$(find "$folder/base" -name 'open_*.npy' | wc -l)
gradients=$(find "$folder/base" -name '*.gradients.*' | wc -l)
curves=$(find "$folder/base" -name '*.csv' | wc -l)
echo "$files files: $outputs outputs and states, $gradients gradients, $curves training curves"
if [ "$outputs" -eq 0 ] || [ "$gradients" -eq 0 ] || [ "$curves" -eq 0 ]; then
    tail -n 5 "$folder/base.txt" >&2
    exit 2
fi

if diff -rq "$folder/base" "$folder/tree" && diff "$folder/base.txt" "$folder/tree.txt"; then
    echo "every byte is the same"
else
    exit 1
fi
