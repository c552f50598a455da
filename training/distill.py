"""python -m training.distill: teaches a copy of the denoiser to do in four unguided steps what it does in twelve guided ones.

Progressive distillation (Salimans & Ho 2022, arXiv:2202.00512) in one round, guidance folded in (Meng et al. 2022,
arXiv:2210.03142): from x_t the teacher walks down to the student's next timestep in several guided steps; the student is
asked for the one velocity that gets there in a single step. Only the student's own timesteps, its rungs, are taught so.

Refining above the native size starts where little noise is left and each step is nearly straight: that the student goes on
learning as the denoiser did.
"""

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import torch
from torch import Tensor

from training.budget import Budget, add_budget_arguments
from training.checkpoint import SAVE_EVERY_SECONDS, load_checkpoint, save_checkpoint
from training.device import half_precision, training_device
from training.diffusion.loss import (
    KNOWN_AREA_WEIGHT,
    REFINE_BELOW,
    random_timesteps,
    restyling_timesteps,
    velocity_loss,
)
from training.diffusion.noise_schedule import NoiseSchedule
from training.models.autoencoder import autoencoder_from_weights
from training.models.average import WeightAverage
from training.models.muon import make_optimizers
from training.models.text_encoder import TextEncoder, TextEncoderConfig
from training.models.tokenizer import Tokenizer
from training.models.unet import UNet, network_config
from training.processes import Processes, run_processes
from training.run_folder import add_run_arguments, run_folder
from training.scenes.artwork import add_artwork_arguments, read_artwork
from training.scenes.compose import TRAINING
from training.scenes.dice import Dice
from training.scenes.latent_pool import FrozenText, LatentBatch, LatentPool
from training.teacher_walks import STUDENT_STEPS, TeacherWalks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_run_arguments(parser)
    add_budget_arguments(parser)
    add_artwork_arguments(parser)
    parser.add_argument("--teacher", default="denoiser", help="the checkpoint's name in the run folder")
    parser.add_argument("--name", default="denoiser-fast")
    parser.add_argument("--autoencoder", default="autoencoder")
    parser.add_argument("--guidance", type=float, default=2.5, help="of the teacher; the student needs none")
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--refine-size", type=int, default=0, help="a larger side at which the student refines, as its teacher")
    parser.add_argument("--refine-batch", type=int, default=12)
    parser.add_argument("--batch", type=int, default=96)
    parser.add_argument("--pool", type=int, default=1024, help="the teacher's answers kept")
    parser.add_argument(
        "--reuse", type=int, default=4, help="training steps an answer serves: the teacher costs more than the student"
    )
    parser.add_argument("--arrange", type=float, default=TRAINING.arrange, help="share of scenes with several objects")
    parser.add_argument("--patterns", type=float, default=0.0, help="share of scenes that remove or extend on patterns")
    parser.add_argument("--warm-start", default=None, help="a student to start from; default: the teacher itself")
    parser.add_argument("--rate", type=float, default=2e-4)
    parser.add_argument("--muon-rate", type=float, default=0.004)
    parser.add_argument("--processes", type=int, default=1, help="that share the work, on a CPU; each draws its own batch")
    run_processes(distill, parser.parse_args())


def distill(arguments: argparse.Namespace, processes: Processes) -> None:
    folder, device = run_folder(arguments), training_device(arguments)
    torch.manual_seed(arguments.seed)
    if arguments.tiny:
        arguments.batch, arguments.refine_batch, arguments.pool = 4, 2, 16

    taught = load_checkpoint(folder / f"{arguments.teacher}.pt")
    start = load_checkpoint(Path(arguments.warm_start)) if arguments.warm_start else taught
    teacher, student = (UNet(network_config(taught["config"])) for _ in range(2))
    teacher.load_state_dict(taught["average"]["weights"]), student.load_state_dict(start["average"]["weights"])
    teacher = teacher.eval().requires_grad_(False).to(device, memory_format=torch.channels_last)
    student = student.to(device, memory_format=torch.channels_last)
    text = TextEncoder(TextEncoderConfig(**taught["text_config"]))
    text.load_state_dict(taught["text_average"]["weights"])
    text = text.eval().requires_grad_(False).to(device)

    average = WeightAverage(student, decay=0.99)
    optimizers = make_optimizers(student, arguments.rate, arguments.muon_rate, processes)
    budget = Budget(arguments, optimizers, processes)
    checkpoint = folder / f"{arguments.name}.pt"
    if checkpoint.exists():
        state = load_checkpoint(checkpoint)
        student.load_state_dict(state["unet"]), average.load_state_dict(state["average"])
        budget.load_state_dict(state["budget"])
        for optimizer, saved_state in zip(optimizers, state["optimizers"]):
            optimizer.load_state_dict(saved_state)

    seed = arguments.seed + budget.step + 1_000_003 * processes.rank
    torch.manual_seed(seed)
    artwork = read_artwork(arguments, folder, device)
    bank = artwork.bank
    tokenizer = Tokenizer.load(folder / "tokenizer")
    autoencoder = autoencoder_from_weights(load_checkpoint(folder / f"{arguments.autoencoder}.pt")["average"])
    autoencoder = autoencoder.eval().requires_grad_(False).to(device, memory_format=torch.channels_last)
    captions, dice = artwork.captions(seed), Dice(seed, device)
    shares = replace(TRAINING, arrange=arguments.arrange, patterns=arguments.patterns)
    scenes = LatentPool(bank, captions, autoencoder, tokenizer, dice, arguments.size, arguments.pool, shares)
    scenes.renew(arguments.pool // STUDENT_STEPS)
    large = None
    if arguments.refine_size:
        large = LatentPool(
            bank, captions, autoencoder, tokenizer, dice, arguments.refine_size, 8 * arguments.refine_batch, shares
        )
        large.renew(large.capacity)
    encode_text, schedule = FrozenText(text), NoiseSchedule(device=device)
    walks = TeacherWalks(teacher, student, schedule, scenes, encode_text, arguments.guidance, arguments.pool)
    renewed = max(1, arguments.batch // (arguments.reuse * STUDENT_STEPS))
    walks.renew(arguments.batch // STUDENT_STEPS)
    log = (folder / f"{arguments.name}.log.jsonl").open("a")

    def save() -> None:
        save_checkpoint(checkpoint, unet=student, average=average, budget=budget, config=asdict(student.config),
                        text_config=taught["text_config"], text_average=taught["text_average"],
                        optimizers=[optimizer.state_dict() for optimizer in optimizers])  # fmt: skip

    saved, losses = time.monotonic(), []
    while not budget.is_spent():
        scenes.renew(renewed)
        walks.renew(renewed)
        target = walks.draw(arguments.batch)
        with half_precision(device):
            sample = torch.cat([target.noisy, target.mask, target.known], dim=1)
            predicted = student(sample, target.t, encode_text(target.tokens)).float()
        area = KNOWN_AREA_WEIGHT + (1 - KNOWN_AREA_WEIGHT) * target.mask
        error = (predicted - target.velocity).pow(2) * area
        per_sample = error.mean(dim=(1, 2, 3)) / area.mean(dim=(1, 2, 3))
        # In velocity every rung counts alike. Weights by signal-to-noise would all but ignore the first, which composes.
        loss = per_sample.mean()
        if large:
            large.renew(max(1, arguments.refine_batch // arguments.reuse))
            loss = loss + refining_loss(student, schedule, large.draw(arguments.refine_batch), encode_text)
        loss.backward()
        processes.average_gradients(student.parameters())
        torch.nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        budget.schedule_rates()
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        average.update(student)
        budget.count(arguments.batch * processes.count)
        if not processes.is_first:
            continue

        losses.append(loss.detach())
        if budget.step % 20 == 0:
            mean = torch.stack(losses).mean().item()
            losses.clear()
            print(f"step {budget.step}  samples {budget.samples}  loss {mean:.4f}  {budget.pace():.1f}/s", flush=True)
            log.write(json.dumps({"step": budget.step, "samples": budget.samples, "loss": mean}) + "\n")
            log.flush()
        if time.monotonic() - saved > SAVE_EVERY_SECONDS:
            save()
            saved = time.monotonic()
    if processes.is_first:
        save()
        print(f"done: {budget.samples} samples in {budget.seconds() / 60:.1f} minutes, {checkpoint}")


def refining_loss(
    student: UNet, schedule: NoiseSchedule, batch: LatentBatch, encode_text: Callable[[Tensor], Tensor]
) -> Tensor:
    """The denoiser's own loss where pictures are refined, or restyled."""
    device = batch.clean.device
    t = random_timesteps(len(batch.clean), REFINE_BELOW, device)
    t = torch.where(batch.restyled, restyling_timesteps(t, REFINE_BELOW), t)
    noisy = schedule.add_noise(batch.source, torch.randn_like(batch.source), t)
    with half_precision(device):
        predicted = student(torch.cat([noisy, batch.mask, batch.known], dim=1), t, encode_text(batch.tokens))
    return velocity_loss(schedule, predicted, schedule.velocity_to(batch.clean, noisy, t), t, batch.mask)


if __name__ == "__main__":
    main()
