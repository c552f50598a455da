"""python -m training.train_denoiser: teaches the U-Net and the text encoder to take noise away.

The loop at the end is the whole of it: draw clean latents, draw a timestep, add noise, predict, compare, step.
"""

import argparse
import json
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from training.budget import Budget, add_budget_arguments
from training.checkpoint import SAVE_EVERY_SECONDS, load_checkpoint, save_checkpoint
from training.device import half_precision, training_device
from training.diffusion.loss import REFINE_BELOW, random_timesteps, restyling_timesteps, velocity_loss
from training.diffusion.noise_schedule import NoiseSchedule
from training.models.autoencoder import autoencoder_from_weights
from training.models.average import WeightAverage
from training.models.muon import make_optimizers
from training.models.text_encoder import TextEncoder, TextEncoderConfig
from training.models.tokenizer import Tokenizer
from training.models.unet import UNet, network_config
from training.presets import DENOISERS, TINY_DENOISER, TINY_TEXT_WIDTH
from training.processes import Processes, run_processes
from training.run_folder import add_run_arguments, run_folder
from training.scenes.artwork import add_artwork_arguments, read_artwork
from training.scenes.captions import Captions
from training.scenes.compose import TRAINING
from training.scenes.dice import Dice
from training.scenes.latent_pool import FrozenText, LatentBatch, LatentPool
from training.scenes.sprite_bank import SpriteBank

# Share of captions dropped, so that the same network also learns the picture without words (classifier-free guidance).
TEXT_DROPOUT = 0.12
VOCABULARY = 4096
# What the averaged weights are compared on from time to time.
FIXED_SCENES = 256
COMPARE_EVERY = 500  # steps


@dataclass(frozen=True)
class Course:
    """Scenes of one size and what is taught with them."""

    pool: LatentPool
    batch: int
    timesteps: int  # only those below


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_run_arguments(parser)
    add_budget_arguments(parser)
    add_artwork_arguments(parser)
    parser.add_argument("--name", default="denoiser", help="the checkpoint's name in the run folder")
    parser.add_argument("--autoencoder", default="autoencoder", help="the autoencoder's checkpoint")
    parser.add_argument("--size", type=int, default=128, help="side of the scenes in pixels, a multiple of 32")
    parser.add_argument("--preset", choices=list(DENOISERS), default="small")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--pool", type=int, default=4096, help="encoded scenes kept")
    parser.add_argument("--refine-size", type=int, default=0, help="a larger side to learn refining at, beside the first")
    parser.add_argument("--refine-batch", type=int, default=12)
    parser.add_argument("--refine-every", type=int, default=1, help="how many steps go by for one that refines too")
    parser.add_argument("--reuse", type=int, default=4, help="training steps a scene serves")
    parser.add_argument("--warm-start", default=None, help="a checkpoint whose weights to start from")
    parser.add_argument("--freeze-text", action="store_true", help="keep the text encoder as it is")
    parser.add_argument("--text-share", type=float, default=1.0, help="of the rates, what the text encoder learns with")
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--muon-rate", type=float, default=0.01)
    parser.add_argument("--arrange", type=float, default=TRAINING.arrange, help="share of scenes with several objects")
    parser.add_argument("--patterns", type=float, default=0.0, help="share of scenes that remove or extend on patterns")
    parser.add_argument("--compile", action="store_true", help="torch.compile: slow to start, faster on a GPU")
    parser.add_argument("--processes", type=int, default=1, help="that share the work, on a CPU; each draws its own batch")
    run_processes(train, parser.parse_args())


def train(arguments: argparse.Namespace, processes: Processes) -> None:
    if arguments.refine_every < 1:
        raise ValueError(f"--refine-every {arguments.refine_every}: every step, 1, is the most often.")
    folder, device = run_folder(arguments), training_device(arguments)
    torch.manual_seed(arguments.seed)
    if arguments.tiny:
        arguments.batch, arguments.refine_batch, arguments.pool, arguments.reuse = 8, 2, 32, 4

    artwork = read_artwork(arguments, folder, device)
    bank = artwork.bank
    print(
        f"{len(bank.sprites)} pictures of {len(bank.concepts)} concepts in {len(bank.styles)} styles, on {device}", flush=True
    )

    tokenizer = processes.in_turn(lambda: make_tokenizer(folder, bank))
    autoencoder = autoencoder_from_weights(load_checkpoint(folder / f"{arguments.autoencoder}.pt")["average"])
    autoencoder = autoencoder.eval().requires_grad_(False).to(device, memory_format=torch.channels_last)

    unet, text_encoder = make_networks(arguments, len(tokenizer.vocabulary))
    unet, text_encoder = unet.to(device, memory_format=torch.channels_last), text_encoder.to(device)
    if arguments.freeze_text:
        text_encoder.eval().requires_grad_(False)
    learning = [parameter for network in (unet, text_encoder) for parameter in network.parameters() if parameter.requires_grad]
    average, text_average = WeightAverage(unet), WeightAverage(text_encoder)
    optimizers = make_optimizers(unet, arguments.rate, arguments.muon_rate, processes)
    if not arguments.freeze_text:
        rates = (arguments.text_share * rate for rate in (arguments.rate, arguments.muon_rate))
        optimizers += make_optimizers(text_encoder, *rates, processes)
    budget = Budget(arguments, optimizers, processes)

    checkpoint = folder / f"{arguments.name}.pt"
    if checkpoint.exists():
        state = load_checkpoint(checkpoint)
        unet.load_state_dict(state["unet"]), text_encoder.load_state_dict(state["text"])
        average.load_state_dict(state["average"]), text_average.load_state_dict(state["text_average"])
        for optimizer, saved in zip(optimizers, state["optimizers"]):
            optimizer.load_state_dict(saved)
        budget.load_state_dict(state["budget"])
        print(f"resumed at step {budget.step}", flush=True)
    seed = arguments.seed + budget.step + 1_000_003 * processes.rank
    torch.manual_seed(seed)

    schedule = NoiseSchedule(device=device)
    captions, dice = artwork.captions(seed), Dice(seed, device)
    shares = replace(TRAINING, arrange=arguments.arrange, patterns=arguments.patterns)

    def course(size: int, batch: int, timesteps: int) -> Course:
        capacity = arguments.pool * batch // arguments.batch
        return Course(LatentPool(bank, captions, autoencoder, tokenizer, dice, size, capacity, shares), batch, timesteps)

    courses = [course(arguments.size, arguments.batch, schedule.timesteps)]
    if arguments.refine_size:
        courses.append(course(arguments.refine_size, arguments.refine_batch, REFINE_BELOW))
    fixed = (
        fixed_scenes(courses[0].pool, artwork.captions(1), 16 if arguments.tiny else FIXED_SCENES) if processes.is_first else None
    )
    for each in courses:
        each.pool.renew(each.pool.capacity)
    empty = tokenizer.encode([""]).to(device)
    encode_text = FrozenText(text_encoder) if arguments.freeze_text else text_encoder
    predict = torch.compile(unet) if arguments.compile else unet
    log = (folder / f"{arguments.name}.log.jsonl").open("a")

    def save() -> None:
        save_checkpoint(
            checkpoint, unet=unet, text=text_encoder, average=average, text_average=text_average, budget=budget,
            optimizers=[optimizer.state_dict() for optimizer in optimizers], config=asdict(unet.config),
            text_config=asdict(text_encoder.config),
        )  # fmt: skip

    saved, losses = time.monotonic(), []
    while not budget.is_spent():
        loss = torch.zeros((), device=device)
        taught = courses if budget.step % arguments.refine_every == 0 else courses[:1]
        for each in taught:
            each.pool.renew(max(1, each.batch // arguments.reuse))
            # 1. Clean latents, and what the network may know about them.
            batch = each.pool.draw(each.batch)
            tokens = drop_text(batch, empty)
            # 2. A timestep for each.
            t = random_timesteps(each.batch, each.timesteps, device)
            t = torch.where(batch.restyled, restyling_timesteps(t, each.timesteps), t)
            # 3. Noise, added in closed form.
            noise = torch.randn_like(batch.clean)
            noisy = schedule.add_noise(batch.source, noise, t)
            # 4. The network's guess.
            with half_precision(device):
                predicted = predict(torch.cat([noisy, batch.mask, batch.known], dim=1), t, encode_text(tokens))
            # 5. How wrong it is.
            target = schedule.velocity_to(batch.clean, noisy, t)
            loss = loss + velocity_loss(schedule, predicted, target, t, batch.mask) / len(taught)
        # 6. A small step towards less wrong.
        loss.backward()
        processes.average_gradients(learning)
        torch.nn.utils.clip_grad_norm_(learning, 1.0)
        budget.schedule_rates()
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        average.update(unet)
        if not arguments.freeze_text:
            text_average.update(text_encoder)
        budget.count(sum(each.batch for each in taught) * processes.count)
        if fixed is None:  # not the first process
            continue

        losses.append(loss.detach())
        if budget.step % 50 == 0:
            mean = torch.stack(losses).mean().item()
            losses.clear()
            print(f"step {budget.step}  samples {budget.samples}  loss {mean:.4f}  {budget.pace():.1f}/s", flush=True)
            log.write(
                json.dumps({"step": budget.step, "samples": budget.samples, "seconds": budget.seconds(), "loss": mean}) + "\n"
            )
        if budget.step % COMPARE_EVERY == 0:
            error = loss_of_average(unet, average, text_encoder, text_average, fixed, schedule, device)
            print(f"step {budget.step}  loss of the averaged weights on fixed scenes {error:.4f}", flush=True)
            log.write(json.dumps({"step": budget.step, "samples": budget.samples, "average_loss": error}) + "\n")
            log.flush()
        if time.monotonic() - saved > SAVE_EVERY_SECONDS:
            save()
            saved = time.monotonic()
    if processes.is_first:
        save()
        print(f"done: {budget.samples} samples in {budget.seconds() / 60:.1f} minutes, {checkpoint}")


def make_tokenizer(folder: Path, bank: SpriteBank) -> Tokenizer:
    """The run's vocabulary: learnt once from every label and tag, then kept."""
    if not (folder / "tokenizer" / "vocab.json").exists():
        texts = [text for words in bank.words.values() for text in (words.label, *words.tags)]
        Tokenizer.train(texts, VOCABULARY).save(folder / "tokenizer")
    return Tokenizer.load(folder / "tokenizer")


def make_networks(arguments: argparse.Namespace, vocabulary: int) -> tuple[UNet, TextEncoder]:
    config = TINY_DENOISER if arguments.tiny else DENOISERS[arguments.preset]
    text_config = TextEncoderConfig(vocabulary, TINY_TEXT_WIDTH, 1, 2) if arguments.tiny else TextEncoderConfig(vocabulary)
    if not arguments.warm_start:
        return UNet(config), TextEncoder(text_config)
    state = load_checkpoint(Path(arguments.warm_start))
    unet, text = UNet(network_config(state["config"])), TextEncoder(TextEncoderConfig(**state["text_config"]))
    unet.load_state_dict(state["average"]["weights"])
    text.load_state_dict(state["text_average"]["weights"])
    return unet, text


def drop_text(batch: LatentBatch, empty: Tensor) -> Tensor:
    """Forgets some captions where everything is masked; elsewhere an empty caption already means "continue the ground"."""
    dropped = (torch.rand(len(batch.tokens), device=empty.device) < TEXT_DROPOUT) & batch.may_drop_text
    return torch.where(dropped[:, None], empty, batch.tokens)


def fixed_scenes(pool: LatentPool, captions: Captions, count: int) -> LatentPool:
    """Scenes like the pool's that stay the same, so that one step compares with another. Of the artwork that is trained on."""
    bank, dice = pool.bank, Dice(999, pool.dice.device)
    fixed = LatentPool(bank, captions, pool.autoencoder, pool.tokenizer, dice, pool.picture_size, count, pool.shares)
    fixed.renew(count)
    return fixed


@torch.no_grad()
def loss_of_average(unet: UNet, average: WeightAverage, text_encoder: TextEncoder, text_average: WeightAverage,
                    pool: LatentPool, schedule: NoiseSchedule, device: torch.device) -> float:  # fmt: skip
    """Loss of the averaged weights on the same scenes, noise and timesteps every time."""
    generator = torch.Generator(device).manual_seed(7)
    errors = []
    with average.applied_to(unet), text_average.applied_to(text_encoder):
        for start in range(0, pool.filled, 64):
            clean, mask, known = (part[start : start + 64].float() for part in (pool.clean, pool.mask, pool.known))
            t = torch.linspace(20, 979, len(clean), device=device).long()
            noise = torch.randn(clean.shape, generator=generator, device=device)
            sample = torch.cat([schedule.add_noise(clean, noise, t), mask, known], dim=1)
            with half_precision(device):
                predicted = unet(sample, t, text_encoder(pool.tokens[start : start + 64]))
            errors.append(velocity_loss(schedule, predicted, schedule.velocity(clean, noise, t), t, mask))
    return torch.stack(errors).mean().item()


if __name__ == "__main__":
    main()
