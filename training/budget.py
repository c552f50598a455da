"""How long to train, and the learning rate over that time.

Measured in minutes: on a shared machine, or one lent for half an hour, time is what there is. Minutes of earlier,
interrupted runs count.
"""

import argparse
import time

import torch

from training.processes import Processes

WARM_UP_STEPS = 100
# Where the rate starts to fall, as a share of the budget, and what it falls to.
COOL_DOWN_FROM = 0.6
LAST_RATE = 0.03
TINY_STEPS = 6


def add_budget_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--minutes", type=float, default=60.0, help="training time, all runs of this checkpoint together")
    parser.add_argument("--steps", type=int, default=0, help="stop after so many steps instead")


class Budget:
    def __init__(
        self, arguments: argparse.Namespace, optimizers: list[torch.optim.Optimizer], processes: Processes | None = None
    ):
        self.minutes = arguments.minutes
        self.last_step = TINY_STEPS if arguments.tiny else arguments.steps
        self.optimizers = optimizers
        self.processes = processes
        self.full_rates = [[group["lr"] for group in optimizer.param_groups] for optimizer in optimizers]
        self.step = self.samples = 0
        self.share = 0.0
        self.earlier_seconds = 0.0
        self.samples_here = 0
        self.started = time.monotonic()

    def seconds(self) -> float:
        return self.earlier_seconds + time.monotonic() - self.started

    def pace(self) -> float:
        """Samples a second since this run started."""
        return self.samples_here / max(1e-9, time.monotonic() - self.started)

    def is_spent(self) -> bool:
        """Asked once before every step."""
        share = self.step / self.last_step if self.last_step else self.seconds() / (60 * self.minutes)
        self.share = self.processes.from_first(share) if self.processes else share
        return self.share >= 1

    def count(self, samples: int) -> None:
        self.step += 1
        self.samples += samples
        self.samples_here += samples

    def schedule_rates(self) -> None:
        """Up over the first steps, level, then down in a straight line."""
        left = (1 - self.share) / (1 - COOL_DOWN_FROM)
        factor = min(1.0, (self.step + 1) / WARM_UP_STEPS, max(LAST_RATE, left))
        for optimizer, rates in zip(self.optimizers, self.full_rates):
            for group, rate in zip(optimizer.param_groups, rates):
                group["lr"] = rate * factor

    def state_dict(self) -> dict:
        return {"step": self.step, "samples": self.samples, "seconds": self.seconds()}

    def load_state_dict(self, state: dict) -> None:
        self.step, self.samples, self.earlier_seconds = state["step"], state["samples"], state["seconds"]
        self.started = time.monotonic()
