"""What the student is taught: places on the way from noise to pictures, and where the teacher gets to from each.

A walk starts at pure noise, as sampling does, and passes the student's timesteps in turn. At each, the teacher goes on to
the next in several guided steps. The walk continues where the student's own step would have ended, or where the teacher's
did, or at a noised training picture (what a restyling starts from): the student meets all three.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from training.device import half_precision
from training.diffusion.noise_schedule import NoiseSchedule, spread
from training.diffusion.sampling import Denoiser, guided, sample_dpm_solver, trailing_timesteps
from training.models.unet import UNet
from training.scenes.latent_pool import LatentPool

STUDENT_STEPS = 4
TEACHER_STEPS_EACH = 3
# Shares of walks that go on from the student's own place, and from the teacher's; the rest from a noised picture.
FROM_STUDENT, FROM_TEACHER = 0.5, 0.25


@dataclass(frozen=True)
class Targets:
    """What the student is asked at places of the walks."""

    noisy: Tensor  # [count, 4, h, w]
    t: Tensor  # int64 [count], one of the student's timesteps
    velocity: Tensor  # [count, 4, h, w], the answer asked for
    mask: Tensor  # [count, 1, h, w]
    known: Tensor  # [count, 4, h, w]
    tokens: Tensor  # int64 [count, 77]

    def at(self, places: Tensor) -> "Targets":
        return Targets(*(getattr(self, name)[places] for name in self.__dataclass_fields__))


class TeacherWalks:
    """The latest `capacity` targets. Each serves several training steps, because the teacher's answers cost the most."""

    def __init__(self, teacher: UNet, student: UNet, schedule: NoiseSchedule, scenes: LatentPool,
                 encode_text: Callable[[Tensor], Tensor], guidance: float, capacity: int):  # fmt: skip
        self.teacher, self.student, self.schedule, self.scenes = teacher, student, schedule, scenes
        self.encode_text, self.guidance, self.capacity = encode_text, guidance, capacity
        self.empty = scenes.tokenizer.encode([""]).to(scenes.dice.device)
        self.targets: Targets | None = None

    @torch.no_grad()
    def renew(self, count: int) -> None:
        """Adds `count` walks, `STUDENT_STEPS` targets each, and forgets the oldest."""
        scene, schedule = self.scenes.draw(count), self.schedule
        words, nothing = self.encode_text(scene.tokens), self.encode_text(self.empty.expand_as(scene.tokens))
        condition = torch.cat([scene.mask, scene.known], dim=1)

        def ask(network: UNet) -> Callable[[Tensor, Tensor, Tensor], Tensor]:
            def denoise(latents: Tensor, t: Tensor, text: Tensor) -> Tensor:
                repeated = condition.repeat(len(latents) // len(condition), 1, 1, 1)
                with half_precision(latents.device):
                    return network(torch.cat([latents, repeated], dim=1), t, text).float()

            return denoise

        teach, learn = guided(ask(self.teacher), words, nothing, self.guidance), ask(self.student)
        noisy = torch.randn_like(scene.clean)
        for t_now, t_next in student_intervals(schedule.timesteps):
            t = torch.full((count,), t_now, dtype=torch.long, device=noisy.device)
            velocity = teacher_velocity(schedule, teach, noisy, t_now, t_next)
            self.add(Targets(noisy, t, velocity, scene.mask, scene.known, scene.tokens))
            if t_next is None:
                return
            following = torch.full_like(t, t_next)
            choice = spread(torch.rand(count, device=noisy.device), noisy)
            noised = schedule.add_noise(scene.source, torch.randn_like(noisy), following)
            by_teacher = ddim_step(schedule, noisy, velocity, t, following)
            by_student = ddim_step(schedule, noisy, learn(noisy, t, words), t, following)
            went_on = torch.where(choice < FROM_STUDENT + FROM_TEACHER, by_teacher, noised)
            noisy = torch.where(choice < FROM_STUDENT, by_student, went_on)

    def add(self, new: Targets) -> None:
        kept = self.targets
        if kept is None:
            self.targets = new
            return
        joined = (torch.cat([getattr(kept, name), getattr(new, name)])[-self.capacity :] for name in new.__dataclass_fields__)
        self.targets = Targets(*joined)

    def draw(self, count: int) -> Targets:
        assert self.targets is not None, "renew first"
        return self.targets.at(self.scenes.dice.integers(count, len(self.targets.t)))


def student_intervals(timesteps: int) -> list[tuple[int, int | None]]:
    """Where each of the student's steps begins and ends; None = at the clean latents."""
    rungs = trailing_timesteps(STUDENT_STEPS, timesteps)
    return list(zip(rungs, [*rungs[1:], None]))


def ddim_step(schedule: NoiseSchedule, noisy: Tensor, velocity: Tensor, t: Tensor, following: Tensor) -> Tensor:
    clean, noise = schedule.clean_from_velocity(noisy, velocity, t), schedule.noise_from_velocity(noisy, velocity, t)
    return schedule.add_noise(clean, noise, following)


@torch.no_grad()
def teacher_velocity(schedule: NoiseSchedule, teach: Denoiser, noisy: Tensor, t_now: int, t_next: int | None) -> Tensor:
    """The velocity whose single DDIM step from `noisy` ends where the teacher's `TEACHER_STEPS_EACH` steps end."""
    lowest = -1 if t_next is None else t_next
    times = [round(t_now - i * (t_now - lowest) / TEACHER_STEPS_EACH) for i in range(TEACHER_STEPS_EACH)]
    ended = sample_dpm_solver(schedule, teach, noisy, times, until=t_next)
    clean = ended
    if t_next is not None:
        # x_s = signal_s x_0 + noise_s (x_t − signal_t x_0) / noise_t, solved for x_0
        ratio = schedule.noise[t_next] / schedule.noise[t_now]
        clean = (ended - ratio * noisy) / (schedule.signal[t_next] - ratio * schedule.signal[t_now])
    # v = (signal_t x_t − x_0) / noise_t
    return (schedule.signal[t_now] * noisy - clean) / schedule.noise[t_now]
