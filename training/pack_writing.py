"""What every pack is written with: graphs, descriptions, the noise schedule, and the credits that its pictures ask for."""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from training.data.attribution import licence_of
from training.diffusion.noise_schedule import BETA_END, BETA_START, TRAIN_TIMESTEPS
from training.weight_storage import store_as_half

OPSET = 17
DIFFUSERS_VERSION = "0.42.1"
# What the packs' scheduler_config.json files have in common: the schedule that `NoiseSchedule` trains with.
SCHEDULE = {
    "num_train_timesteps": TRAIN_TIMESTEPS, "beta_start": BETA_START, "beta_end": BETA_END, "beta_schedule": "scaled_linear",
    "prediction_type": "v_prediction", "timestep_spacing": "trailing",
}  # fmt: skip


def export_graph(
    folder: Path,
    network: nn.Module,
    example: Sequence[Tensor],
    inputs: dict,
    outputs: dict,
    config: dict,
    store: Callable[[Path], None] = store_as_half,
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "model.onnx"
    network.eval()
    # Attention is written out in elementary operators: the fused kernel has no ONNX form every runtime knows.
    torch.onnx.export(
        network, tuple(example), str(path), input_names=list(inputs), output_names=list(outputs), dynamic_axes=inputs | outputs,
        opset_version=OPSET, do_constant_folding=False, dynamo=False,
    )  # fmt: skip
    store(path)
    write_json(folder / "config.json", config)


def credit_sources(run: Path, out: Path) -> str | None:
    """Copies what is said about the run's pictures into the pack, and returns the licence that follows from it."""
    attribution = run / "ATTRIBUTION.md"
    if not attribution.exists():
        print(f"{run} has no ATTRIBUTION.md, so {out} states no licence: training.data writes it, beside sprites.zip")
        return None
    shutil.copy(attribution, out)
    return licence_of(attribution)


def write_json(path: Path, value: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n")
