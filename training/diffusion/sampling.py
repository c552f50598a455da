"""Sampling: from noise to latents, in a few steps of the reverse process."""

from collections.abc import Callable

import torch
from torch import Tensor

from training.diffusion.noise_schedule import NoiseSchedule

# (noisy latents, t of the whole batch [batch]) → velocity, guidance applied
Denoiser = Callable[[Tensor, Tensor], Tensor]


def trailing_timesteps(steps: int, timesteps: int) -> list[int]:
    """`steps` timesteps from the last one down, spaced as diffusers' "trailing" does."""
    return [round(timesteps - i * timesteps / steps) - 1 for i in range(steps)]


@torch.no_grad()
def sample_ddim(schedule: NoiseSchedule, denoise: Denoiser, latents: Tensor, timesteps: list[int]) -> Tensor:
    """Song et al. 2020 (arXiv:2010.02502), deterministic: guess x_0, then go straight to the next, smaller t."""
    for now, following in zip(timesteps, [*timesteps[1:], None]):
        t = torch.full((len(latents),), now, dtype=torch.long, device=latents.device)
        velocity = denoise(latents, t)
        clean = schedule.clean_from_velocity(latents, velocity, t)
        if following is None:
            return clean
        noise = schedule.noise_from_velocity(latents, velocity, t)
        latents = schedule.add_noise(clean, noise, torch.full_like(t, following))
    return latents


def guided(denoise: Callable[[Tensor, Tensor, Tensor], Tensor], text: Tensor, no_text: Tensor, scale: float) -> Denoiser:
    """Classifier-free guidance (Ho & Salimans 2022, arXiv:2207.12598): away from the answer to the empty prompt."""

    def predict(latents: Tensor, t: Tensor) -> Tensor:
        both = denoise(torch.cat([latents, latents]), torch.cat([t, t]), torch.cat([no_text, text]))
        unguided, conditioned = both.chunk(2)
        return unguided + scale * (conditioned - unguided)

    return predict


@torch.no_grad()
def sample_dpm_solver(
    schedule: NoiseSchedule, denoise: Denoiser, latents: Tensor, timesteps: list[int], until: int | None = None
) -> Tensor:
    """DPM-Solver++ 2M (Lu et al. 2022, arXiv:2211.01095): a straight line through the last two guesses of x_0.

    lambda_t = ln(signal_t / noise_t) is the time in which the solution is nearly straight. Ends at the clean latents, or
    with those at timestep `until`.
    """
    log_ratio = (schedule.signal / schedule.noise).log()
    earlier: Tensor | None = None
    for i, now in enumerate(timesteps):
        t = torch.full((len(latents),), now, dtype=torch.long, device=latents.device)
        clean = schedule.clean_from_velocity(latents, denoise(latents, t), t)
        following = timesteps[i + 1] if i + 1 < len(timesteps) else until
        if following is None:
            return clean
        step = log_ratio[following] - log_ratio[now]
        guess = clean
        if earlier is not None:
            ratio = (log_ratio[now] - log_ratio[timesteps[i - 1]]) / step
            guess = clean + (clean - earlier) / (2 * ratio)
        shrink = schedule.noise[following] / schedule.noise[now]
        latents = shrink * latents - schedule.signal[following] * torch.expm1(-step) * guess
        earlier = clean
    return latents
