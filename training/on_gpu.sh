#!/usr/bin/env bash
# Trains the denoiser for some minutes on a machine with one large GPU and without network, from what was packed for it:
#
#   python -m training.travel --run RUN --pack PACKED --sprites --checkpoints DENOISER,AUTOENCODER     # at home
#   training/on_gpu.sh PACKED OUT DENOISER AUTOENCODER                                                 # there
#   python -m training.travel --run RUN --unpack OUT                                                   # at home: RUN/on-gpu.pt
#
# MINUTES=8 of training, SIZE=256 to compose at (128: and to refine at 256), PYTHON=python3; a last argument --tiny tries all
# of it on a CPU at toy size. What was reached is packed into OUT every two minutes: being cut off loses no more than that.
set -euo pipefail
cd "$(dirname "$0")/.."
packed=$1 out=$2 denoiser=$3 autoencoder=$4 tiny=${5:-}
python=${PYTHON:-python3} minutes=${MINUTES:-8} size=${SIZE:-256}
export PYTHONUNBUFFERED=1

run=$(mktemp -d)
trap 'rm -rf "$run"' EXIT
"$python" -m training.travel --run "$run" --unpack "$packed"

sizes=(--size 256 --batch 192)
[ "$size" = 128 ] && sizes=(--size 128 --batch 512 --refine-size 256 --refine-batch 96)
machine=(--device cuda --compile --pool 24576 --reuse 2 --minutes "$minutes" --concepts training/scenes/common-concepts.txt
  --main-styles noto,flat,3d --first-tries 0.4)
every=120
if [ "$tiny" = --tiny ]; then
  machine=(--device cpu --tiny) every=5
  sizes=(--size 64)
fi
"$python" -c 'import torch; print(torch.__version__, torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU")'

"$python" -m training.train_denoiser --run "$run" --name on-gpu --warm-start "$run/$denoiser.pt" --autoencoder "$autoencoder" \
  --freeze-text --arrange 0 --rate 5e-4 --muon-rate 0.01 "${sizes[@]}" "${machine[@]}" &
training=$!

bring_back() {
  [ -f "$run/on-gpu.pt" ] || return 0
  "$python" -m training.travel --run "$run" --pack "$run/packed" --checkpoints on-gpu
  mkdir -p "$out"
  cp "$run"/packed/* "$out"/
  cp "$run/on-gpu.log.jsonl" "$out"/
}

while kill -0 "$training" 2>/dev/null; do
  for _ in $(seq "$every"); do
    kill -0 "$training" 2>/dev/null && sleep 1
  done
  bring_back
done
wait "$training"
bring_back
