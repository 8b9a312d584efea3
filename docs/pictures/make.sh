#!/bin/sh
# Makes the pictures of README.md: training.svg and gradient.svg, beside this script.
set -e
cd "$(dirname "$0")"
data=$(mktemp -d)
trap 'rm -r "$data"' EXIT
spanrnn() { dotnet run -c Release --project ../../src/Cli -- "$@"; }
spanrnn data at-least --count 600 > "$data/dna.csv"
spanrnn train "$data/dna.csv" --epochs 15 --output "$data/dna.safetensors" --plot training.svg
spanrnn forget --length 100 --plot gradient.svg
