"""Exponential moving average of weights: what is evaluated and exported, smoother than any single step."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

# The average reaches back over about a ninth, 1 / (WARM_UP − 1), of the steps so far, until `decay` caps it.
WARM_UP = 10


class WeightAverage:
    def __init__(self, model: nn.Module, decay: float = 0.999):
        self.decay = decay
        self.steps = 0
        self.weights = {name: value.detach().clone().float() for name, value in model.state_dict().items()}

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        self.steps += 1
        decay = min(self.decay, (1 + self.steps) / (WARM_UP + self.steps))
        current = model.state_dict()
        torch._foreach_lerp_(list(self.weights.values()), [current[name].float() for name in self.weights], 1 - decay)

    @contextmanager
    def applied_to(self, model: nn.Module) -> Iterator[None]:
        """Within, the model has the averaged weights; after it, its own again."""
        own = {name: value.clone() for name, value in model.state_dict().items()}
        model.load_state_dict(self.weights)
        try:
            yield
        finally:
            model.load_state_dict(own)

    def state_dict(self) -> dict:
        return {"steps": self.steps, "weights": self.weights}

    def load_state_dict(self, state: dict) -> None:
        self.steps = state["steps"]
        for name, value in state["weights"].items():
            self.weights[name].copy_(value)
