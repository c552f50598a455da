"""python -m training.train_upscaler: a diffusion model that adds the detail a picture of a quarter of the side has lost.

It works in pixels, folded: 4 × 4 pixels of the large picture are one cell of 48 numbers (`pixel_unshuffle`), so the large
picture has as many cells as the small one has pixels, and no autoencoder stands between the model and a sharp edge.
What is denoised is the difference to the small picture enlarged by Lanczos: small where nothing happens, large along
edges. The small picture joins as three more channels, with a little noise of a known level on it, as in cascaded
diffusion (Ho et al. 2021, arXiv:2106.15282), so that grain is not taken for detail.

The last layer starts at zero, so the untrained model answers with Lanczos, and every step adds to that. The schedule ends
in pure noise, from where the best answer is the mean of all pictures that reduce to the small one: what is nearest to the
truth. Half of the training is spent there, and the network's input is scaled so that this noise is not even seen.
"""

import argparse
import json
import time
from dataclasses import asdict
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

from training.budget import Budget, add_budget_arguments
from training.checkpoint import SAVE_EVERY_SECONDS, load_checkpoint, save_checkpoint
from training.device import half_precision, training_device
from training.diffusion.noise_schedule import TRAIN_TIMESTEPS, NoiseSchedule, spread
from training.diffusion.sampling import sample_ddim, trailing_timesteps
from training.evaluation.measures import psnr
from training.models.average import WeightAverage
from training.models.muon import make_optimizers
from training.models.upscaler import Upscaler
from training.presets import TINY_UPSCALER, UPSCALER
from training.run_folder import add_run_arguments, run_folder
from training.scenes.dice import Dice
from training.scenes.held_out import held_out_artwork
from training.scenes.picture_pool import PicturePool
from training.scenes.reduce import enlarge_folded, enlarge_lanczos, enlargement, reduce
from training.scenes.sprite_bank import SpriteBank

SCALE = 4
# The difference has a deviation of about 0.08 on artwork; the denoiser wants 1.
RESIDUAL_DEVIATION = 0.08
# The small picture's own noise: a linear schedule from nothing, whose level k has a deviation of about k / 1000.
# Rounding to 8 bits has one of 2.3 levels: a step of 2 / 255, over √12.
GRAIN_LAST_BETA = 0.002
NOISE_LEVELS = 100
CLEAN_SHARE = 0.65
PURE_NOISE_SHARE = 0.5
# How programs reduce pictures, and how often each is met.
REDUCTIONS = {"lanczos": 0.55, "cubic": 0.2, "box": 0.15, "triangle": 0.1}
# Keeps pictures on which Lanczos is nearly right from outweighing the rest.
LEAST_ERROR = 0.05
MOST_IMPORTANCE = 5.0
MEASURE_EVERY_STEPS = 250
# One step answers with the mean, nearest to the truth; more decide on details. Both are measured.
SAMPLING_STEPS = 1
MEASURED_STEPS = (1, 4)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_run_arguments(parser)
    add_budget_arguments(parser)
    parser.add_argument("--name", default="upscaler")
    parser.add_argument("--size", type=int, default=192, help="side of the large training pictures in pixels, a multiple of 8")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--muon-rate", type=float, default=0.01)
    parser.add_argument("--pool", type=int, default=1536, help="pictures kept in memory")
    parser.add_argument("--reuse", type=int, default=8)
    arguments = parser.parse_args()
    folder, device = run_folder(arguments), training_device(arguments)
    torch.manual_seed(arguments.seed)
    if arguments.tiny:
        arguments.size, arguments.batch, arguments.pool = 64, 4, 16

    bank = SpriteBank(folder / "sprites.zip", None, None, device)
    upscaler = Upscaler(TINY_UPSCALER if arguments.tiny else UPSCALER).to(device, memory_format=torch.channels_last)
    average = WeightAverage(upscaler, decay=0.998)
    optimizers = make_optimizers(upscaler, arguments.rate, arguments.muon_rate)
    budget = Budget(arguments, optimizers)
    checkpoint = folder / f"{arguments.name}.pt"
    if checkpoint.exists():
        state = load_checkpoint(checkpoint)
        upscaler.load_state_dict(state["upscaler"]), average.load_state_dict(state["average"])
        budget.load_state_dict(state["budget"])
        for optimizer, saved_state in zip(optimizers, state["optimizers"]):
            optimizer.load_state_dict(saved_state)
        print(f"resumed at step {budget.step}", flush=True)

    schedule, dice = NoiseSchedule(device=device, ends_in_noise=True), Dice(arguments.seed + budget.step, device)
    pool = PicturePool(bank, dice, arguments.pool, arguments.size, arguments.reuse)
    held_out = held_out_artwork(folder / "sprites.zip", 4 if arguments.tiny else 16, arguments.size, device)
    log = (folder / f"{arguments.name}.log.jsonl").open("a")

    def save() -> None:
        save_checkpoint(checkpoint, upscaler=upscaler, average=average, budget=budget, config=asdict(upscaler.config),
                        optimizers=[optimizer.state_dict() for optimizer in optimizers])  # fmt: skip

    saved, losses = time.monotonic(), []
    while not budget.is_spent():
        large = pool.draw(arguments.batch)
        small, level = grainy(reduce(large, SCALE, draw_reduction(dice)), dice)
        clean = residual(large, small)
        t = draw_timesteps(schedule, dice, arguments.batch)
        noisy = schedule.add_noise(clean, dice.normal(*clean.shape), t)
        with half_precision(device):
            guess = guess_clean(upscaler, schedule, noisy, small, t, level)
        loss = (importance(schedule, t) * relative_error(guess, clean)).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(upscaler.parameters(), 1.0)
        budget.schedule_rates()
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        average.update(upscaler)
        budget.count(arguments.batch)
        losses.append(loss.detach())

        if budget.step % 50 == 0:
            print(f"step {budget.step}  loss {torch.stack(losses).mean().item():.4f}  {budget.pace():.1f}/s", flush=True)
            losses.clear()
        if budget.step % MEASURE_EVERY_STEPS == 0:
            gains = {steps: measure_gain(upscaler, average, schedule, held_out, steps) for steps in MEASURED_STEPS}
            print(f"step {budget.step}  dB over Lanczos {gains}", flush=True)
            progress = {
                "step": budget.step,
                "samples": budget.samples,
                "seconds": budget.seconds(),
                "gain": gains[SAMPLING_STEPS],
            }
            log.write(json.dumps(progress) + "\n")
            log.flush()
        if time.monotonic() - saved > SAVE_EVERY_SECONDS:
            save()
            saved = time.monotonic()
    save()
    print(f"done: {measure_gain(upscaler, average, schedule, held_out, SAMPLING_STEPS):+.2f} dB over Lanczos, {checkpoint}")


def draw_reduction(dice: Dice) -> str:
    return list(REDUCTIONS)[int(dice.choose(1, list(REDUCTIONS.values())))]


def draw_timesteps(schedule: NoiseSchedule, dice: Dice, batch: int) -> Tensor:
    anywhere = dice.integers(batch, schedule.timesteps)
    return torch.where(dice.chance(batch, PURE_NOISE_SHARE), schedule.timesteps - 1, anywhere)


def grainy(small: Tensor, dice: Dice) -> tuple[Tensor, Tensor]:
    """The small picture with noise on it, and the levels [batch]."""
    level = dice.integers(len(small), NOISE_LEVELS) * ~dice.chance(len(small), CLEAN_SHARE)
    alpha_bar = grain_alpha_bar().to(small.device)[level].view(-1, 1, 1, 1)
    return alpha_bar.sqrt() * small + (1 - alpha_bar).sqrt() * dice.normal(*small.shape), level


@lru_cache
def grain_alpha_bar() -> Tensor:
    return torch.cumprod(1 - torch.linspace(0, GRAIN_LAST_BETA, TRAIN_TIMESTEPS), dim=0)


def residual(large: Tensor, small: Tensor) -> Tensor:
    """[batch, 3, 4h, 4w] → [batch, 48, h, w]: what Lanczos enlargement misses, folded, with a deviation near 1."""
    return (F.pixel_unshuffle(large, SCALE) - enlarge(small)) / RESIDUAL_DEVIATION


def restore(cells: Tensor, small: Tensor) -> Tensor:
    """The inverse of `residual`."""
    return F.pixel_shuffle(enlarge(small) + cells * RESIDUAL_DEVIATION, SCALE).clamp(-1, 1)


def enlarge(small: Tensor) -> Tensor:
    return enlarge_folded(small, enlargement(SCALE).to(small.device))


def guess_clean(upscaler: Upscaler, schedule: NoiseSchedule, noisy: Tensor, small: Tensor, t: Tensor, level: Tensor) -> Tensor:
    """signal · x_t is the best linear guess of a clean x_0 of deviation 1; the network answers with the velocity's negative,
    which corrects it. Given the guess and not x_t, it sees no noise where nothing else is left."""
    signal, noise = spread(schedule.signal[t], noisy), spread(schedule.noise[t], noisy)
    linear = signal * noisy
    return linear + noise * upscaler(linear, small, t, level).float()


def importance(schedule: NoiseSchedule, t: Tensor) -> Tensor:
    """[batch]: the weight of the velocity's error, capped. Late steps have little left to do, and grain to leave behind."""
    return schedule.noise[t].pow(-2).clamp(max=MOST_IMPORTANCE)


def relative_error(guess: Tensor, clean: Tensor) -> Tensor:
    """[batch]: squared error over that of Lanczos. Each picture counts alike in decibels, busy or plain."""
    return (guess - clean).pow(2).mean(dim=(1, 2, 3)) / (clean.pow(2).mean(dim=(1, 2, 3)) + LEAST_ERROR)


@torch.no_grad()
def upscale(upscaler: Upscaler, schedule: NoiseSchedule, small: Tensor, steps: int = SAMPLING_STEPS, seed: int = 0) -> Tensor:
    """[batch, 3, h, w] in −1..1 → [batch, 3, 4h, 4w]"""
    device, level = small.device, torch.zeros(len(small), dtype=torch.long, device=small.device)
    noise = torch.randn(
        len(small), upscaler.config.cell_channels, *small.shape[2:], generator=torch.Generator().manual_seed(seed)
    ).to(device)

    def denoise(noisy: Tensor, t: Tensor) -> Tensor:
        return -upscaler(spread(schedule.signal[t], noisy) * noisy, small, t, level)

    return restore(sample_ddim(schedule, denoise, noise, trailing_timesteps(steps, schedule.timesteps)), small)


@torch.no_grad()
def measure_gain(upscaler: Upscaler, average: WeightAverage, schedule: NoiseSchedule, pictures: Tensor, steps: int) -> float:
    """Mean PSNR in dB of the averaged weights above Lanczos enlargement."""
    small = reduce(pictures, SCALE, "lanczos")
    with average.applied_to(upscaler):
        restored = torch.cat([upscale(upscaler, schedule, part, steps) for part in small.split(4)])
    return (psnr(restored, pictures) - psnr(enlarge_lanczos(small, SCALE).to(pictures.device), pictures)).mean().item()


if __name__ == "__main__":
    main()
