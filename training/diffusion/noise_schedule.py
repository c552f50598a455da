"""The forward process: how a picture turns into noise, in closed form.

Legend (Ho et al. 2020, arXiv:2006.11239)
    beta_t       variance of the noise added in step t; t counts from 0 to T−1, as in diffusers
    alpha_t      1 − beta_t
    alpha_bar_t  product of alpha_0 … alpha_t: the part of the signal's variance left after step t
    x_t          latents after step t
    x_0          the clean latents, always: what step 0 starts from
    epsilon      standard normal noise
    v            velocity, alpha_bar^½ · epsilon − (1 − alpha_bar)^½ · x_0 (Salimans & Ho 2022, arXiv:2202.00512)
"""

import math

import torch
from torch import Tensor

TRAIN_TIMESTEPS = 1000
# Stable Diffusion's choice: slow at first, nearly all noise at the end.
BETA_START, BETA_END = 0.00085, 0.012
# Nichol & Dhariwal 2021 (arXiv:2102.09672): keeps the last steps of the cosine schedule finite.
MAX_COSINE_BETA = 0.999


def make_betas(schedule: str, timesteps: int = TRAIN_TIMESTEPS) -> Tensor:
    """[timesteps] in float64. `schedule`: linear, scaled_linear or squaredcos_cap_v2, named and defined as in diffusers."""
    if schedule == "linear":
        return torch.linspace(BETA_START, BETA_END, timesteps, dtype=torch.float64)
    if schedule == "scaled_linear":
        return torch.linspace(BETA_START**0.5, BETA_END**0.5, timesteps, dtype=torch.float64) ** 2
    if schedule == "squaredcos_cap_v2":

        def signal(fraction: float) -> float:
            return math.cos((fraction + 0.008) / 1.008 * math.pi / 2) ** 2

        ratios = [signal((t + 1) / timesteps) / signal(t / timesteps) for t in range(timesteps)]
        return torch.tensor([min(1 - ratio, MAX_COSINE_BETA) for ratio in ratios], dtype=torch.float64)
    raise ValueError(f"schedule must be linear, scaled_linear or squaredcos_cap_v2, not {schedule!r}")


def zero_terminal(alpha_bar: Tensor) -> Tensor:
    """Shifts and stretches alpha_bar^½ so that nothing of the signal is left at the end (Lin et al. 2023, arXiv:2305.08891)."""
    signal = alpha_bar.sqrt()
    return ((signal - signal[-1]) * signal[0] / (signal[0] - signal[-1])) ** 2


class NoiseSchedule:
    """Tables over t, and the conversions between x_0, epsilon and v that hold at any one t."""

    def __init__(self, schedule: str = "scaled_linear", timesteps: int = TRAIN_TIMESTEPS, device: str | torch.device = "cpu",
                 ends_in_noise: bool = False):  # fmt: skip
        alpha_bar = torch.cumprod(1 - make_betas(schedule, timesteps), dim=0)
        if ends_in_noise:
            alpha_bar = zero_terminal(alpha_bar)
        self.timesteps = timesteps
        self.alpha_bar = alpha_bar.float().to(device)  # [T]
        self.signal = alpha_bar.sqrt().float().to(device)  # [T], factor of x_0 in x_t
        self.noise = (1 - alpha_bar).sqrt().float().to(device)  # [T], factor of epsilon in x_t

    def add_noise(self, clean: Tensor, noise: Tensor, t: Tensor) -> Tensor:
        """x_t = alpha_bar_t^½ x_0 + (1 − alpha_bar_t)^½ epsilon: all t + 1 steps at once. `t`: int64 [batch]."""
        return spread(self.signal[t], clean) * clean + spread(self.noise[t], clean) * noise

    def velocity(self, clean: Tensor, noise: Tensor, t: Tensor) -> Tensor:
        return spread(self.signal[t], clean) * noise - spread(self.noise[t], clean) * clean

    def velocity_to(self, clean: Tensor, noisy: Tensor, t: Tensor) -> Tensor:
        """The velocity that leads from `noisy` to `clean`, whatever picture `noisy` was made from."""
        return (spread(self.signal[t], noisy) * noisy - clean) / spread(self.noise[t], noisy)

    def clean_from_velocity(self, noisy: Tensor, velocity: Tensor, t: Tensor) -> Tensor:
        return spread(self.signal[t], noisy) * noisy - spread(self.noise[t], noisy) * velocity

    def noise_from_velocity(self, noisy: Tensor, velocity: Tensor, t: Tensor) -> Tensor:
        return spread(self.noise[t], noisy) * noisy + spread(self.signal[t], noisy) * velocity

    def signal_to_noise(self, t: Tensor) -> Tensor:
        return self.alpha_bar[t] / (1 - self.alpha_bar[t])


def spread(per_sample: Tensor, like: Tensor) -> Tensor:
    """[batch] → [batch, 1, 1, …] with as many dimensions as `like`."""
    return per_sample.view(-1, *[1] * (like.dim() - 1))
