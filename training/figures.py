"""python -m training.figures: draws the README's pictures from the data and a run's checkpoints and logs."""

import argparse
import json
from pathlib import Path

import torch
from PIL import Image, ImageDraw
from torch import Tensor

from training.checkpoint import load_checkpoint
from training.diffusion.noise_schedule import NoiseSchedule
from training.diffusion.sampling import guided, trailing_timesteps
from training.evaluation.sheet import write_sheet
from training.models.autoencoder import LATENT_CELL, autoencoder_from_weights
from training.models.text_encoder import TextEncoder, TextEncoderConfig
from training.models.tokenizer import Tokenizer
from training.models.unet import UNet, network_config
from training.run_folder import add_run_arguments, run_folder
from training.scenes.captions import Captions
from training.scenes.compose import ADD_ONLY, KINDS_OF_SCENE, Shares, compose_scenes
from training.scenes.dice import Dice
from training.scenes.sprite_bank import SpriteBank

FORWARD_TIMES = (0, 100, 250, 400, 550, 700, 850, 999)
PROMPTS = ("a dog", "a rocket", "a strawberry", "a house, flat style")
STEPS, SHOWN_STEPS = 20, (0, 4, 8, 11, 14, 16, 18, 19)
SCENE_SEED = 1
FIGURES = ("forward", "scenes", "loss", "samples")
PLOT = (480, 240)  # pixels
MARGIN = 34


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_run_arguments(parser)
    parser.add_argument("--out", default=str(Path(__file__).parent / "figures"))
    parser.add_argument("--only", choices=FIGURES, nargs="+", default=FIGURES, help="which to draw; default all")
    parser.add_argument("--denoiser", default="denoiser")
    parser.add_argument("--autoencoder", default="autoencoder")
    parser.add_argument("--size", type=int, default=128)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    folder, out = run_folder(arguments), Path(arguments.out)
    out.mkdir(parents=True, exist_ok=True)
    for name in arguments.only:
        path = out / f"{name}.png"
        match name:
            case "forward":
                draw_forward(path, folder / "sprites.zip", arguments.size)
            case "scenes":
                draw_scenes(path, folder / "sprites.zip", arguments.size)
            case "loss":
                draw_losses(path, folder / f"{arguments.denoiser}.log.jsonl")
            case "samples":
                draw_samples(path, folder, arguments)
        print(path, flush=True)


def draw_forward(path: Path, cache: Path, size: int) -> None:
    """One picture under both schedules: scaled linear above, cosine below."""
    bank = SpriteBank(cache, None, ["dog-face", "rocket", "house", "red-apple"], "cpu")
    picture = compose_scenes(bank, Captions(bank.words, bank.concepts, 0), Dice(5, "cpu"), 1, size, ADD_ONLY).pictures
    noise = torch.randn(picture.shape, generator=torch.Generator().manual_seed(0))
    rows = []
    for name in ("scaled_linear", "squaredcos_cap_v2"):
        schedule = NoiseSchedule(name)
        rows.append([schedule.add_noise(picture, noise, torch.tensor([t]))[0] for t in FORWARD_TIMES])
    write_sheet(path, rows, [f"t = {t}" for t in FORWARD_TIMES], tile=96)


def draw_scenes(path: Path, cache: Path, size: int) -> None:
    """A scene of each kind as it is trained on, and under it its mask, or what a restyling starts from, and caption."""
    bank = SpriteBank(cache, None, None, "cpu", side=size)
    captions, dice = Captions(bank.words, bank.concepts, SCENE_SEED), Dice(SCENE_SEED, "cpu")
    rows, labels = [[], []], []
    for kind in KINDS_OF_SCENE:
        only = Shares(**{name: float(name == kind) for name in KINDS_OF_SCENE})
        scene = compose_scenes(bank, captions, dice, 1, size, only)
        rows[0] += scene.pictures
        rows[1] += scene.sources if kind == "restyle" else masked(scene.pictures, scene.masks)
        labels.append(f"{kind}: {scene.captions[0] or '(no caption)'}")
    write_sheet(path, rows, labels, lines=4)


def masked(pictures: Tensor, masks: Tensor) -> Tensor:
    """The mask as a red veil."""
    red = torch.tensor([1.0, -0.6, -0.6]).view(1, 3, 1, 1)
    return torch.lerp(pictures, red.expand_as(pictures), 0.55 * masks)


def draw_losses(path: Path, log: Path) -> None:
    """Over samples: training loss as a line, the averaged weights' loss on scenes that stay the same as dots."""
    entries = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    lines = [(entry["samples"], entry["loss"]) for entry in entries if "loss" in entry]
    marks = [(entry["samples"], entry["average_loss"]) for entry in entries if "average_loss" in entry]
    image = Image.new("RGB", PLOT, "white")
    pen = ImageDraw.Draw(image)
    if points := lines + marks:
        most = max(x for x, _ in points)
        low, high = min(y for _, y in points), max(y for _, y in points)
        width, height = PLOT[0] - 2 * MARGIN, PLOT[1] - 2 * MARGIN

        def place(x: float, y: float) -> tuple[float, float]:
            return MARGIN + x / most * width, MARGIN + (high - y) / max(high - low, 1e-6) * height

        if len(lines) > 1:
            pen.line([place(*point) for point in lines], fill=(90, 120, 220), width=2)
        for point in marks:
            x, y = place(*point)
            pen.ellipse((x - 3, y - 3, x + 3, y + 3), fill=(220, 90, 60))
        pen.text((4, MARGIN - 6), f"{high:.3f}", fill="black")
        pen.text((4, PLOT[1] - MARGIN - 6), f"{low:.3f}", fill="black")
        pen.text((PLOT[0] - 110, PLOT[1] - MARGIN + 8), f"{most:,} samples", fill="black")
    pen.text((MARGIN, 8), "loss (line); of the averaged weights, on fixed scenes (dots)", fill="black")
    image.save(path)


@torch.no_grad()
def draw_samples(path: Path, folder: Path, arguments: argparse.Namespace) -> None:
    """What the network believes the picture to be, at some of twenty steps."""
    state = load_checkpoint(folder / f"{arguments.denoiser}.pt")
    unet, text = UNet(network_config(state["config"])), TextEncoder(TextEncoderConfig(**state["text_config"]))
    unet.load_state_dict(state["average"]["weights"]), text.load_state_dict(state["text_average"]["weights"])
    autoencoder = autoencoder_from_weights(load_checkpoint(folder / f"{arguments.autoencoder}.pt")["average"])
    tokenizer, schedule, cells = Tokenizer.load(folder / "tokenizer"), NoiseSchedule(), arguments.size // LATENT_CELL
    words, nothing = text(tokenizer.encode(list(PROMPTS))), text(tokenizer.encode([""] * len(PROMPTS)))
    grey = autoencoder.encode(torch.zeros(len(PROMPTS), 3, arguments.size, arguments.size))
    condition = torch.cat([torch.ones(len(PROMPTS), 1, cells, cells), grey], dim=1)
    latents = torch.randn(len(PROMPTS), 4, cells, cells, generator=torch.Generator().manual_seed(1))
    predict = guided(
        lambda x, t, h: unet(torch.cat([x, condition.repeat(len(x) // len(condition), 1, 1, 1)], dim=1), t, h),
        words,
        nothing,
        2.5,
    )
    columns, timesteps = [], trailing_timesteps(STEPS, schedule.timesteps)
    for i, now in enumerate(timesteps):
        t = torch.full((len(PROMPTS),), now)
        velocity = predict(latents, t)
        clean = schedule.clean_from_velocity(latents, velocity, t)
        if i in SHOWN_STEPS:
            columns.append(autoencoder.decode(clean))
        if i + 1 < STEPS:
            latents = schedule.add_noise(
                clean, schedule.noise_from_velocity(latents, velocity, t), torch.full_like(t, timesteps[i + 1])
            )
    rows = [[column[i] for column in columns] for i in range(len(PROMPTS))]
    write_sheet(path, rows, [f"t = {timesteps[i]}" for i in SHOWN_STEPS], tile=96)


if __name__ == "__main__":
    main()
