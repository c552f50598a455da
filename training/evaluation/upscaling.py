"""An upscaling pack against Lanczos, on artwork in the style that training never saw."""

import json
import time
from pathlib import Path

import onnxruntime
import torch
from torch import Tensor

from training.diffusion.noise_schedule import NoiseSchedule
from training.diffusion.sampling import sample_ddim, trailing_timesteps
from training.evaluation.gates import Outcome
from training.evaluation.measures import psnr
from training.evaluation.pack_runner import PackRunner
from training.scenes.reduce import enlarge_lanczos, reduce
from training.train_upscaler import SCALE

REDUCTIONS = ("lanczos", "box")
STEPS = (1, 2, 4, 8)
BATCH = 8
# Picture whose enlargement is timed: 256 pixels a side to 1024.
TIMED_SIDE = 256


class UpscalePackRunner:
    """An exported upscaler in onnxruntime, with the loop of diffusers' upscale pipeline written out. Level 0 adds no noise."""

    def __init__(self, folder: Path, threads: int = 1):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.sessions = {
            name: onnxruntime.InferenceSession(str(folder / name / "model.onnx"), options, providers=["CPUExecutionProvider"])
            for name in ("unet", "vae_decoder")
        }
        self.channels = json.loads((folder / "unet" / "config.json").read_text())["out_channels"]
        self.scaling = json.loads((folder / "vae_decoder" / "config.json").read_text())["scaling_factor"]
        self.default_steps = json.loads((folder / "overpaint.json").read_text())["defaults"]["steps"]
        self.schedule = NoiseSchedule(ends_in_noise=True)

    def run(self, name: str, **inputs: Tensor) -> Tensor:
        return torch.from_numpy(self.sessions[name].run(None, {key: value.numpy() for key, value in inputs.items()})[0])

    def enlarge(self, small: Tensor, steps: int, seed: int = 7) -> Tensor:
        """[batch, 3, h, w] in −1..1 → [batch, 3, 4h, 4w]"""
        shape = (len(small), self.channels, *small.shape[2:])
        clean_level = torch.zeros(len(small), dtype=torch.long)

        def denoise(cells: Tensor, t: Tensor) -> Tensor:
            return self.run("unet", sample=torch.cat([cells, small], dim=1), timestep=t[:1], class_labels=clean_level)

        noise = torch.randn(shape, generator=torch.Generator().manual_seed(seed))
        cells = sample_ddim(self.schedule, denoise, noise, trailing_timesteps(steps, self.schedule.timesteps))
        return self.run("vae_decoder", latent_sample=cells / self.scaling)


def enlarges_artwork(runner: UpscalePackRunner, pictures: Tensor) -> Outcome:
    """Decibels, and how strong edges are (1 as in the truth), by how the small picture was made and by steps."""
    numbers, shown = {}, []
    for reduction in REDUCTIONS:
        small = reduce(pictures, SCALE, reduction)
        ways = {"lanczos": enlarge_lanczos(small, SCALE)}
        for steps in sorted({*STEPS, runner.default_steps}):
            ways[f"{steps}_steps"] = torch.cat([runner.enlarge(part, steps) for part in small.split(BATCH)])
        for name, enlarged in ways.items():
            numbers[f"{reduction}_{name}_psnr"] = psnr(enlarged, pictures).mean().item()
            numbers[f"{reduction}_{name}_edges"] = edge_strength(enlarged) / edge_strength(pictures)
        shown = shown or [ways["lanczos"], ways[f"{runner.default_steps}_steps"]]
    numbers |= {"gain": numbers[f"lanczos_{runner.default_steps}_steps_psnr"] - numbers["lanczos_lanczos_psnr"]}
    numbers |= {"seconds": timed(runner)}
    return Outcome(numbers, [list(part) for part in (pictures, *shown)], [""] * len(pictures))


def enlarges_fills(runner: UpscalePackRunner, drawer: PackRunner, pictures: Tensor) -> Outcome:
    """What a drawing pack's decoder gives at half of the pictures' side, made twice as large: decibels and edges as above.

    Fills of large areas are drawn at a pack's largest size and enlarged from there. An upscaler learns from clean reductions;
    whether it also helps what comes out of a decoder is another question.
    """
    small = reduce(pictures, 2, "lanczos")
    decoded = torch.cat([drawer.decode(drawer.encode(part)) for part in small.split(BATCH)]).clamp(-1, 1)
    numbers, shown = {}, []
    for source, given in (("clean", small), ("decoded", decoded)):
        ways = {
            "lanczos": enlarge_lanczos(given, 2),
            "upscaler": torch.cat(
                [reduce(runner.enlarge(part, runner.default_steps), 2, "lanczos") for part in given.split(BATCH)]
            ),
        }
        for name, enlarged in ways.items():
            numbers[f"{source}_{name}_psnr"] = psnr(enlarged, pictures).mean().item()
            numbers[f"{source}_{name}_edges"] = edge_strength(enlarged) / edge_strength(pictures)
        numbers[f"{source}_gain"] = numbers[f"{source}_upscaler_psnr"] - numbers[f"{source}_lanczos_psnr"]
        shown = list(ways.values())
    return Outcome(numbers, [list(part) for part in (pictures, *shown)], [""] * len(pictures))


def edge_strength(pictures: Tensor) -> float:
    """The root mean square of the differences between neighbours."""
    squares = [pictures.diff(dim=axis).pow(2).mean() for axis in (2, 3)]
    return (sum(squares) / 2).sqrt().item()


def timed(runner: UpscalePackRunner) -> float:
    small = torch.zeros(1, 3, TIMED_SIDE, TIMED_SIDE)
    runner.enlarge(small, 1)
    started = time.perf_counter()
    runner.enlarge(small, runner.default_steps)
    return time.perf_counter() - started
