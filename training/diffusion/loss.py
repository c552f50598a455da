"""What the network is asked to predict, and how its errors are weighted.

The variational bound on −log p(x_0) is a sum of KL divergences between q(x_{t−1} | x_t, x_0) and the model's
p(x_{t−1} | x_t). Both are normal with the same variance, so each term is a squared distance of means, and with x_t
written by `NoiseSchedule.add_noise` it becomes

    L_t = w_t · ‖x_0 − x̂_0(x_t, t)‖²,   w_t = ½ (SNR_{t−1} − SNR_t),   SNR_t = alpha_bar_t / (1 − alpha_bar_t).

Predicting epsilon or v instead of x_0 changes only w_t: ‖ε − ε̂‖² = SNR_t ‖x_0 − x̂_0‖² and ‖v − v̂‖² = (SNR_t + 1) ‖x_0 − x̂_0‖².
v is used here because it stays well conditioned at both ends: at t → T epsilon says nothing about x_0, at t → 0 x_0
says nothing about what to change.
"""

import torch
from torch import Tensor

from training.diffusion.noise_schedule import NoiseSchedule

# Min-SNR weighting (Hang et al. 2023, arXiv:2303.09556): nearly clean pictures would otherwise dominate the gradient.
MIN_SNR_GAMMA = 5.0
# Those weights all but leave out the noisy end, where it is decided what a thing is: no timestep counts less than this.
LEAST_WEIGHT = 0.3
# Outside the mask the answer is given as an input; some weight keeps the seam honest.
KNOWN_AREA_WEIGHT = 0.2
# Where the weights above belong. With twice the cells a side a thing covers four times as many, and it takes four times the
# noise to hide it as well (Hoogeboom et al. 2023, simple diffusion, arXiv:2301.11093).
REFERENCE_CELLS = 16
# A restyling starts at a noised picture of another style: from here up, where little but the layout is left of it.
RESTYLE_FROM = 400
# Above the native size pictures are not composed, only refined, or restyled by the usual strength: the timesteps that takes.
REFINE_BELOW = 720


def velocity_loss(schedule: NoiseSchedule, predicted: Tensor, target: Tensor, t: Tensor, mask: Tensor) -> Tensor:
    """Mean squared velocity error. `predicted`, `target`: [batch, 4, h, w]; `mask`: [batch, 1, h, w], 1 = repaint."""
    snr = schedule.signal_to_noise(t)
    visible = snr * (target.shape[-1] / REFERENCE_CELLS) ** 2
    weight = (visible.clamp(max=MIN_SNR_GAMMA) / (snr + 1)).clamp(min=LEAST_WEIGHT)  # [batch], for v as the target
    area = KNOWN_AREA_WEIGHT + (1 - KNOWN_AREA_WEIGHT) * mask  # [batch, 1, h, w]
    error = (predicted.float() - target.float()).pow(2) * area
    per_sample = error.mean(dim=(1, 2, 3)) / area.mean(dim=(1, 2, 3))
    return (weight * per_sample).mean()


def random_timesteps(batch: int, timesteps: int, device: torch.device) -> Tensor:
    """One timestep a sample, one from each of `batch` equal strata: uniform, with less noise between steps."""
    strata = (torch.randperm(batch, device=device) + torch.rand(batch, device=device)) / batch
    return (strata * timesteps).long().clamp(max=timesteps - 1)


def restyling_timesteps(t: Tensor, timesteps: int) -> Tensor:
    """Those of `random_timesteps`, moved up to where restyling is taught."""
    return RESTYLE_FROM + t * (timesteps - RESTYLE_FROM) // timesteps
