"""Random numbers on a device from one seed."""

import torch
from torch import Tensor


class Dice:
    def __init__(self, seed: int, device: torch.device | str):
        self.device = torch.device(device)
        self.generator = torch.Generator(self.device).manual_seed(seed)

    def uniform(self, *shape: int, low: float = 0.0, high: float = 1.0) -> Tensor:
        return torch.rand(*shape, generator=self.generator, device=self.device) * (high - low) + low

    def normal(self, *shape: int) -> Tensor:
        return torch.randn(*shape, generator=self.generator, device=self.device)

    def integers(self, count: int, below: int) -> Tensor:
        return torch.randint(below, (count,), generator=self.generator, device=self.device)

    def choose(self, count: int, weights: list[float]) -> Tensor:
        """Indices into `weights`, int64 [count], each drawn with its weight."""
        table = torch.tensor(weights, dtype=torch.float32, device=self.device)
        return torch.multinomial(table, count, replacement=True, generator=self.generator)

    def chance(self, count: int, probability: float) -> Tensor:
        return self.uniform(count) < probability
