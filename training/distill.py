"""python -m training.distill: teaches a copy of the denoiser to do in four steps, without guidance, what it does in sixteen with.

Progressive distillation (Salimans & Ho 2022, arXiv:2202.00512) in one round, guidance folded in (Meng et al. 2022,
arXiv:2210.03142): from x_t the teacher walks a quarter of the way down in four guided DDIM steps; the student is asked for
the one velocity that gets there in a single step.
"""

import argparse
import time
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor

from training.budget import Budget, add_budget_arguments
from training.checkpoint import load_checkpoint, save_checkpoint
from training.device import half_precision, training_device
from training.diffusion.noise_schedule import NoiseSchedule, spread
from training.diffusion.sampling import guided, trailing_timesteps
from training.models.autoencoder import autoencoder_from_weights
from training.models.average import WeightAverage
from training.models.muon import make_optimizers
from training.models.text_encoder import TextEncoder, TextEncoderConfig
from training.models.tokenizer import Tokenizer
from training.models.unet import UNet
from training.run_folder import add_run_arguments, run_folder
from training.scenes.captions import Captions
from training.scenes.concept_list import read_concept_list
from training.scenes.dice import Dice
from training.scenes.latent_pool import FrozenText, LatentPool
from training.scenes.sprite_bank import SpriteBank
from training.train_denoiser import network_config

STUDENT_STEPS = 4
TEACHER_STEPS_EACH = 4
SAVE_EVERY_SECONDS = 120


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_run_arguments(parser)
    add_budget_arguments(parser)
    parser.add_argument("--teacher", default="denoiser", help="the checkpoint's name in the run folder")
    parser.add_argument("--name", default="denoiser-fast")
    parser.add_argument("--autoencoder", default="autoencoder")
    parser.add_argument("--guidance", type=float, default=2.5)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--pool", type=int, default=2048)
    parser.add_argument("--styles", default=None)
    parser.add_argument("--concepts", default=None)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--muon-rate", type=float, default=0.002)
    arguments = parser.parse_args()
    folder, device = run_folder(arguments), training_device(arguments)
    torch.manual_seed(arguments.seed)
    if arguments.tiny:
        arguments.batch, arguments.pool = 4, 16

    taught = load_checkpoint(folder / f"{arguments.teacher}.pt")
    teacher, student = (UNet(network_config(taught["config"])) for _ in range(2))
    teacher.load_state_dict(taught["average"]["weights"]), student.load_state_dict(taught["average"]["weights"])
    teacher = teacher.eval().requires_grad_(False).to(device, memory_format=torch.channels_last)
    student = student.to(device, memory_format=torch.channels_last)
    text = TextEncoder(TextEncoderConfig(**taught["text_config"]))
    text.load_state_dict(taught["text_average"]["weights"])
    text = text.eval().requires_grad_(False).to(device)

    average = WeightAverage(student, decay=0.995)
    optimizers = make_optimizers(student, arguments.rate, arguments.muon_rate)
    budget = Budget(arguments, optimizers)
    checkpoint = folder / f"{arguments.name}.pt"
    if checkpoint.exists():
        state = load_checkpoint(checkpoint)
        (
            student.load_state_dict(state["unet"]),
            average.load_state_dict(state["average"]),
            budget.load_state_dict(state["budget"]),
        )
        for optimizer, saved_state in zip(optimizers, state["optimizers"]):
            optimizer.load_state_dict(saved_state)

    concepts = read_concept_list(Path(arguments.concepts)) if arguments.concepts else None
    bank = SpriteBank(
        folder / "sprites.zip", arguments.styles.split(",") if arguments.styles else None, concepts, device, side=arguments.size
    )
    tokenizer = Tokenizer.load(folder / "tokenizer")
    autoencoder = autoencoder_from_weights(load_checkpoint(folder / f"{arguments.autoencoder}.pt")["average"])
    autoencoder = autoencoder.eval().requires_grad_(False).to(device, memory_format=torch.channels_last)
    pool = LatentPool(bank, Captions(bank.words, bank.concepts, budget.step), autoencoder, tokenizer,
                      Dice(arguments.seed + budget.step, device), arguments.size, arguments.pool)  # fmt: skip
    pool.renew(arguments.pool)
    encode_text, schedule = FrozenText(text, device), NoiseSchedule(device=device)
    empty = tokenizer.encode([""]).to(device)

    def save() -> None:
        save_checkpoint(checkpoint, unet=student, average=average, budget=budget, config=asdict(student.config),
                        text_config=taught["text_config"], text_average=taught["text_average"],
                        optimizers=[optimizer.state_dict() for optimizer in optimizers])  # fmt: skip

    saved = time.monotonic()
    while not budget.is_spent():
        pool.renew(max(1, arguments.batch // 4))
        batch = pool.draw(arguments.batch)
        words, nothing = encode_text(batch.tokens), encode_text(empty.expand_as(batch.tokens))
        condition = torch.cat([batch.mask, batch.known], dim=1)

        # The whole batch starts at one of the student's timesteps.
        rung = budget.step % STUDENT_STEPS
        t_now, t_next = student_interval(rung, schedule.timesteps)
        t = torch.full((arguments.batch,), t_now, dtype=torch.long, device=device)
        noisy = schedule.add_noise(batch.clean, torch.randn_like(batch.clean), t)

        def ask(latents: Tensor, times: Tensor, text_states: Tensor) -> Tensor:
            repeated = condition.repeat(len(latents) // len(condition), 1, 1, 1)
            with half_precision(device):
                return teacher(torch.cat([latents, repeated], dim=1), times, text_states).float()

        target = teacher_velocity(schedule, guided(ask, words, nothing, arguments.guidance), noisy, t_now, t_next)
        with half_precision(device):
            predicted = student(torch.cat([noisy, condition], dim=1), t, words)
        area = 0.2 + 0.8 * batch.mask
        loss = ((predicted.float() - target).pow(2) * area).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        budget.schedule_rates()
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        average.update(student)
        budget.count(arguments.batch)
        if budget.step % 20 == 0:
            print(f"step {budget.step}  samples {budget.samples}  loss {loss.item():.4f}  {budget.pace():.1f}/s", flush=True)
        if time.monotonic() - saved > SAVE_EVERY_SECONDS:
            save()
            saved = time.monotonic()
    save()
    print(f"done: {checkpoint}")


def student_interval(rung: int, timesteps: int) -> tuple[int, int | None]:
    """Where the student's step begins and ends; None = at the clean latents."""
    ladder = [*trailing_timesteps(STUDENT_STEPS, timesteps), None]
    return ladder[rung], ladder[rung + 1]


@torch.no_grad()
def teacher_velocity(schedule: NoiseSchedule, teach, noisy: Tensor, t_now: int, t_next: int | None) -> Tensor:
    """The velocity whose single DDIM step from `noisy` ends where the teacher's `TEACHER_STEPS_EACH` steps end."""
    lowest = -1 if t_next is None else t_next
    times = [round(t_now - i * (t_now - lowest) / TEACHER_STEPS_EACH) for i in range(TEACHER_STEPS_EACH)]
    latents = noisy
    for i, now in enumerate(times):
        t = torch.full((len(noisy),), now, dtype=torch.long, device=noisy.device)
        velocity = teach(latents, t)
        clean = schedule.clean_from_velocity(latents, velocity, t)
        following = times[i + 1] if i + 1 < len(times) else t_next
        if following is not None:
            noise = schedule.noise_from_velocity(latents, velocity, t)
            latents = schedule.add_noise(clean, noise, torch.full_like(t, following))

    t = torch.full((len(noisy),), t_now, dtype=torch.long, device=noisy.device)
    if t_next is not None:
        # x_s = signal_s x_0 + noise_s (x_t − signal_t x_0) / noise_t, solved for x_0
        ratio = schedule.noise[t_next] / schedule.noise[t_now]
        clean = (latents - ratio * noisy) / (schedule.signal[t_next] - ratio * schedule.signal[t_now])
    return (spread(schedule.signal[t], noisy) * noisy - clean) / spread(schedule.noise[t], noisy)


if __name__ == "__main__":
    main()
