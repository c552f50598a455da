"""python -m training.train_vae: teaches the autoencoder to say a picture in few numbers, and to say it back."""

import argparse
import json
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from training.budget import Budget, add_budget_arguments
from training.checkpoint import SAVE_EVERY_SECONDS, load_checkpoint, save_checkpoint
from training.device import half_precision, training_device
from training.evaluation.measures import psnr
from training.models.autoencoder import Autoencoder, Decoder, Encoder
from training.models.average import WeightAverage
from training.models.muon import make_optimizers
from training.run_folder import add_run_arguments, run_folder
from training.scenes.captions import Captions
from training.scenes.compose import ADD_ONLY, compose_scenes
from training.scenes.dice import Dice
from training.scenes.held_out import held_out_pictures
from training.scenes.sprite_bank import SpriteBank

# Noise on the latents while training, in deviations: the decoder learns to forgive a denoiser's small errors.
LATENT_NOISE = 0.05
GRADIENT_SCALES = 3
HELD_OUT_PICTURES = 32
# What the latents' mean and deviation are measured on.
MEASURED_PICTURES, MEASURED_SEED = 128, 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_run_arguments(parser)
    add_budget_arguments(parser)
    parser.add_argument("--size", type=int, default=128, help="side of the training pictures in pixels")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--decoder-blocks", type=int, default=5)
    parser.add_argument("--warm-start", default=None, help="an autoencoder checkpoint; blocks it lacks start as the identity")
    parser.add_argument("--freeze-encoder", action="store_true", help="keep the latents a denoiser already knows")
    parser.add_argument("--rate", type=float, default=6e-4)
    parser.add_argument("--muon-rate", type=float, default=0.004)
    parser.add_argument("--name", default="autoencoder")
    arguments = parser.parse_args()
    folder, device = run_folder(arguments), training_device(arguments)
    torch.manual_seed(arguments.seed)
    if arguments.tiny:
        arguments.size, arguments.batch = 64, 4

    bank = SpriteBank(folder / "sprites.zip", None, None, device)
    captions = Captions(bank.words, bank.concepts, 0)

    autoencoder = make_autoencoder(arguments, bank, captions, device)
    if arguments.freeze_encoder:
        autoencoder.encoder.requires_grad_(False)
    trained = autoencoder.decoder if arguments.freeze_encoder else autoencoder
    average = WeightAverage(autoencoder, decay=0.998)
    optimizers = make_optimizers(trained, arguments.rate, arguments.muon_rate)
    budget = Budget(arguments, optimizers)

    checkpoint = folder / f"{arguments.name}.pt"
    if checkpoint.exists() and "budget" in (state := load_checkpoint(checkpoint)):
        autoencoder.load_state_dict(state["autoencoder"])
        average.load_state_dict({"steps": state["budget"]["step"], "weights": state["average"]})
        for optimizer, saved_state in zip(optimizers, state["optimizers"]):
            optimizer.load_state_dict(saved_state)
        budget.load_state_dict(state["budget"])
        print(f"resumed at step {budget.step}", flush=True)

    dice = Dice(arguments.seed + budget.step, device)
    held_out = held_out_pictures(folder / "sprites.zip", 4 if arguments.tiny else HELD_OUT_PICTURES, 2 * arguments.size, device)
    log = (folder / f"{arguments.name}.log.jsonl").open("a")

    def save() -> None:
        save_checkpoint(
            checkpoint, autoencoder=autoencoder, average=average.weights, budget=budget,
            optimizers=[optimizer.state_dict() for optimizer in optimizers],
        )  # fmt: skip

    saved = time.monotonic()
    while not budget.is_spent():
        pictures = compose_scenes(bank, captions, dice, arguments.batch, arguments.size, ADD_ONLY).pictures
        pictures = pictures.contiguous(memory_format=torch.channels_last)
        with half_precision(device):
            with torch.set_grad_enabled(not arguments.freeze_encoder):
                latents = autoencoder.encode(pictures)
            latents = latents + LATENT_NOISE * torch.randn_like(latents)
            restored = autoencoder.decode(latents)
        loss = picture_loss(restored.float(), pictures)
        if not arguments.freeze_encoder:
            loss = loss + latent_penalty(latents.float())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained.parameters(), 1.0)
        budget.schedule_rates()
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        average.update(autoencoder)
        budget.count(arguments.batch)

        if budget.step % 100 == 0:
            print(f"step {budget.step}  samples {budget.samples}  loss {loss.item():.4f}  {budget.pace():.1f}/s", flush=True)
        if budget.step % 500 == 0:
            quality = measure(autoencoder, average, held_out)
            print(f"step {budget.step}  held-out {quality:.2f} dB", flush=True)
            log.write(
                json.dumps({"step": budget.step, "samples": budget.samples, "seconds": budget.seconds(), "psnr": quality})
                + "\n"
            )
            log.flush()
        if time.monotonic() - saved > SAVE_EVERY_SECONDS:
            save()
            saved = time.monotonic()

    if not arguments.freeze_encoder:
        # The denoiser is promised latents of mean 0 and deviation 1. Always of the same pictures: run again, a finished
        # autoencoder stays what a denoiser has learnt from.
        autoencoder.load_state_dict(average.weights)
        count = 4 if arguments.tiny else MEASURED_PICTURES
        measured = compose_scenes(bank, captions, Dice(MEASURED_SEED, device), count, arguments.size, ADD_ONLY)
        autoencoder.measure_latents(measured.pictures)
        average = WeightAverage(autoencoder)
    save()
    print(f"done: {measure(autoencoder, average, held_out):.2f} dB on held-out pictures, {checkpoint}")


def make_autoencoder(arguments: argparse.Namespace, bank: SpriteBank, captions: Captions, device: torch.device) -> Autoencoder:
    if arguments.tiny:
        autoencoder = Autoencoder(Encoder((16, 16), 1), Decoder((16, 16), 1))
    else:
        autoencoder = Autoencoder(decoder=Decoder(blocks=arguments.decoder_blocks))
    if arguments.warm_start:
        for name, layer in autoencoder.decoder.named_modules():
            if name.endswith(".conv_out"):
                torch.nn.init.zeros_(layer.weight), torch.nn.init.zeros_(layer.bias)
        autoencoder.load_state_dict(load_checkpoint(Path(arguments.warm_start))["average"], strict=False)
    autoencoder = autoencoder.to(device, memory_format=torch.channels_last)
    if not arguments.warm_start:
        dice = Dice(1, device)
        autoencoder.measure_latents(compose_scenes(bank, captions, dice, arguments.batch, arguments.size, ADD_ONLY).pictures)
    return autoencoder


def picture_loss(restored: Tensor, pictures: Tensor) -> Tensor:
    """Absolute and squared error, and the error of the differences between neighbours at three sizes: edges matter most."""
    loss = F.l1_loss(restored, pictures) + 2 * F.mse_loss(restored, pictures)
    error = restored - pictures
    for _ in range(GRADIENT_SCALES):
        loss = loss + 0.5 * (error.diff(dim=2).abs().mean() + error.diff(dim=3).abs().mean())
        error = F.avg_pool2d(error, 2)
    return loss


def latent_penalty(latents: Tensor) -> Tensor:
    """Keeps the latents near mean 0 and deviation 1, where the noise added to them means something."""
    return 1e-3 * latents.pow(2).mean()


@torch.no_grad()
def measure(autoencoder: Autoencoder, average: WeightAverage, pictures: Tensor) -> float:
    """Mean PSNR in dB of the averaged weights, over 8-bit colours."""
    with average.applied_to(autoencoder):
        restored = torch.cat([autoencoder.decode(autoencoder.encode(part)) for part in pictures.split(8)])
    return psnr(restored, pictures).mean().item()


if __name__ == "__main__":
    main()
