"""python -m training.train_upscaler: a diffusion model that adds the detail a picture of a quarter of the side has lost.

It works in pixels, folded: 4 × 4 pixels of the large picture are one cell of 48 numbers (`pixel_unshuffle`), so the large
picture has as many cells as the small one has pixels, and no autoencoder stands between the model and a sharp edge.
What is denoised is the difference to the small picture enlarged by bilinear interpolation: small where nothing happens,
large along edges. The small picture joins as three more channels, with a little noise of a known level on it, as in
cascaded diffusion (Ho et al. 2021, arXiv:2106.15282), so that JPEG artefacts and grain are not taken for detail.

The schedule ends in pure noise. A pack denoises the folded picture itself, not the difference; its graph subtracts what is
known, and only where nothing of it is left in the last x_t is that the same (`training.export.ExportedUpscaler`).
"""

import argparse
import json
import time
from dataclasses import asdict

import torch
import torch.nn.functional as F
from torch import Tensor

from training.budget import Budget, add_budget_arguments
from training.checkpoint import load_checkpoint, save_checkpoint
from training.device import half_precision, training_device
from training.diffusion.loss import random_timesteps, velocity_loss
from training.diffusion.noise_schedule import NoiseSchedule
from training.diffusion.sampling import sample_ddim, trailing_timesteps
from training.evaluation.lanczos import enlarge_lanczos
from training.models.average import WeightAverage
from training.models.muon import make_optimizers
from training.models.unet import UNet
from training.presets import TINY_UPSCALER, UPSCALER
from training.run_folder import add_run_arguments, run_folder
from training.scenes.captions import Captions
from training.scenes.compose import compose_scenes
from training.scenes.dice import Dice
from training.scenes.sprite_bank import SpriteBank
from training.train_vae import ADD_ONLY, held_out_pictures, psnr

SCALE = 4
# The difference has a deviation of about 0.12 on artwork; the denoiser wants 1.
RESIDUAL_DEVIATION = 0.12
# The small picture's own noise, in units of the schedule's first steps: level 0 is clean, 350 is grainy.
NOISE_LEVELS = 350
NO_TEXT_TOKENS = 1
SAVE_EVERY_SECONDS = 120
SAMPLING_STEPS = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_run_arguments(parser)
    add_budget_arguments(parser)
    parser.add_argument("--name", default="upscaler")
    parser.add_argument("--size", type=int, default=128, help="side of the large training pictures in pixels, a multiple of 16")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--muon-rate", type=float, default=0.01)
    arguments = parser.parse_args()
    folder, device = run_folder(arguments), training_device(arguments)
    torch.manual_seed(arguments.seed)
    if arguments.tiny:
        arguments.size, arguments.batch = 64, 4

    bank = SpriteBank(folder / "sprites.zip", None, None, device)
    captions = Captions(bank.words, bank.concepts, 0)
    unet = UNet(TINY_UPSCALER if arguments.tiny else UPSCALER).to(device, memory_format=torch.channels_last)
    average = WeightAverage(unet, decay=0.998)
    optimizers = make_optimizers(unet, arguments.rate, arguments.muon_rate)
    budget = Budget(arguments, optimizers)
    checkpoint = folder / f"{arguments.name}.pt"
    if checkpoint.exists():
        state = load_checkpoint(checkpoint)
        unet.load_state_dict(state["unet"]), average.load_state_dict(state["average"]), budget.load_state_dict(state["budget"])
        for optimizer, saved_state in zip(optimizers, state["optimizers"]):
            optimizer.load_state_dict(saved_state)
        print(f"resumed at step {budget.step}", flush=True)

    schedule, dice = NoiseSchedule(device=device, ends_in_noise=True), Dice(arguments.seed + budget.step, device)
    held_out = held_out_pictures(folder / "sprites.zip", 4 if arguments.tiny else 16, 2 * arguments.size, device)
    log = (folder / f"{arguments.name}.log.jsonl").open("a")

    def save() -> None:
        save_checkpoint(checkpoint, unet=unet, average=average, budget=budget, config=asdict(unet.config),
                        optimizers=[optimizer.state_dict() for optimizer in optimizers])  # fmt: skip

    saved = time.monotonic()
    while not budget.is_spent():
        large = compose_scenes(bank, captions, dice, arguments.batch, arguments.size, ADD_ONLY).pictures
        small = shrink(large)
        level = dice.integers(arguments.batch, NOISE_LEVELS)
        grainy = schedule.add_noise(small, dice.normal(*small.shape), level)
        clean = residual(large, small)
        t = random_timesteps(arguments.batch, schedule.timesteps, device)
        noise = torch.randn_like(clean)
        sample = torch.cat([schedule.add_noise(clean, noise, t), grainy], dim=1)
        with half_precision(device):
            predicted = unet(sample, t, no_text(unet, len(t), device), level)
        loss = velocity_loss(schedule, predicted, schedule.velocity(clean, noise, t), t, torch.ones_like(clean[:, :1]))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(unet.parameters(), 1.0)
        budget.schedule_rates()
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        average.update(unet)
        budget.count(arguments.batch)

        if budget.step % 100 == 0:
            print(f"step {budget.step}  samples {budget.samples}  loss {loss.item():.4f}  {budget.pace():.1f}/s", flush=True)
        if budget.step % 1000 == 0:
            gain = measure_gain(unet, average, schedule, held_out)
            print(f"step {budget.step}  {gain:+.2f} dB over Lanczos", flush=True)
            log.write(
                json.dumps({"step": budget.step, "samples": budget.samples, "seconds": budget.seconds(), "gain": gain}) + "\n"
            )
            log.flush()
        if time.monotonic() - saved > SAVE_EVERY_SECONDS:
            save()
            saved = time.monotonic()
    save()
    print(f"done: {measure_gain(unet, average, schedule, held_out):+.2f} dB over Lanczos, {checkpoint}")


def shrink(large: Tensor) -> Tensor:
    return F.interpolate(large, scale_factor=1 / SCALE, mode="area")


def residual(large: Tensor, small: Tensor) -> Tensor:
    """[batch, 3, 4h, 4w] → [batch, 48, h, w]: what bilinear enlargement misses, folded, with a deviation near 1."""
    return F.pixel_unshuffle(large - enlarge(small), SCALE) / RESIDUAL_DEVIATION


def restore(cells: Tensor, small: Tensor) -> Tensor:
    """The inverse of `residual`."""
    return (enlarge(small) + F.pixel_shuffle(cells * RESIDUAL_DEVIATION, SCALE)).clamp(-1, 1)


def enlarge(small: Tensor) -> Tensor:
    return F.interpolate(small, scale_factor=SCALE, mode="bilinear", align_corners=False)


def no_text(unet: UNet, batch: int, device: torch.device) -> Tensor:
    return torch.zeros(batch, NO_TEXT_TOKENS, unet.config.text_width, device=device)


@torch.no_grad()
def upscale(unet: UNet, schedule: NoiseSchedule, small: Tensor, steps: int = SAMPLING_STEPS, seed: int = 0) -> Tensor:
    """[batch, 3, h, w] in −1..1 → [batch, 3, 4h, 4w]"""
    device, level = small.device, torch.zeros(len(small), dtype=torch.long, device=small.device)
    noise = torch.randn(len(small), 48, *small.shape[2:], generator=torch.Generator().manual_seed(seed)).to(device)

    def denoise(noisy: Tensor, t: Tensor) -> Tensor:
        return unet(torch.cat([noisy, small], dim=1), t, no_text(unet, len(t), device), level).float()

    return restore(sample_ddim(schedule, denoise, noise, trailing_timesteps(steps, schedule.timesteps)), small)


@torch.no_grad()
def measure_gain(unet: UNet, average: WeightAverage, schedule: NoiseSchedule, pictures: Tensor) -> float:
    """Mean PSNR in dB of the averaged weights above Lanczos enlargement."""
    current = {name: value.clone() for name, value in unet.state_dict().items()}
    unet.load_state_dict(average.weights)
    small = shrink(pictures)
    restored = torch.cat([upscale(unet, schedule, part) for part in small.split(4)])
    unet.load_state_dict(current)
    return (psnr(restored, pictures) - psnr(enlarge_lanczos(small, SCALE).to(pictures.device), pictures)).mean().item()


if __name__ == "__main__":
    main()
