"""One training in several processes: each draws its own batches, and all take the same step with the mean of their gradients.

On a CPU two processes of one thread do more than one process of two, because a step has many parts too small to share. They
meet in shared memory: passing 13 million gradients through a socket takes longer than computing them.
"""

import argparse
import signal
import sys
import tempfile
from collections.abc import Callable, Iterable
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor, nn

SHARED_MEMORY = Path("/dev/shm")
Made = TypeVar("Made")


class Processes:
    """This process among those of one training, or the only one."""

    def __init__(self, rank: int = 0, count: int = 1, folder: str = "", barrier: Barrier | None = None):
        self.rank, self.count, self.folder, self.barrier = rank, count, folder, barrier
        self.shared: dict[str, Tensor] = {}

    @property
    def is_first(self) -> bool:
        """The one that measures, prints and saves."""
        return self.rank == 0

    def average_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        if self.count == 1:
            return
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        everyone = self.exchange("gradients", torch.cat([gradient.flatten() for gradient in gradients]))
        for gradient, mean in zip(gradients, everyone.mean(dim=0).split([gradient.numel() for gradient in gradients])):
            gradient.copy_(mean.view_as(gradient))

    def from_first(self, value: float) -> float:
        """The first process's value, the same for all: clocks differ."""
        return value if self.count == 1 else self.exchange("values", torch.tensor([value], dtype=torch.float64))[0].item()

    def in_turn(self, make: Callable[[], Made]) -> Made:
        """Calls `make` in the first process, then in the others: what it leaves on the disk is made once."""
        if self.is_first:
            made = make()
            self.from_first(0)
            return made
        self.from_first(0)
        return make()

    def add_up(self, parts: list[Tensor]) -> list[Tensor]:
        """Of tensors that every process has in the same shapes, the sums over all processes."""
        if self.count == 1:
            return parts
        own = torch.cat([part.flatten() for part in parts])
        total = self.exchange(f"sum-of-{own.numel()}", own).sum(dim=0)
        return [values.view_as(part) for part, values in zip(parts, total.split([part.numel() for part in parts]))]

    def exchange(self, name: str, own: Tensor) -> Tensor:
        """What every process brought: [count, values]. All bring as many, in the same order of calls."""
        if name not in self.shared:
            size, file = self.count * own.numel(), f"{self.folder}/{name}"
            self.shared[name] = torch.from_file(file, shared=True, size=size, dtype=own.dtype).view(self.count, -1)
        self.barrier.wait()  # until everyone has read what was here before
        self.shared[name][self.rank] = own
        self.barrier.wait()
        return self.shared[name].clone()


def run_processes(train: Callable[[argparse.Namespace, Processes], None], arguments: argparse.Namespace) -> None:
    """Calls `train` in `arguments.processes` processes on this machine's CPU. Where one fails, all end."""
    if arguments.processes < 1:
        raise SystemExit(f"--processes {arguments.processes}: name at least one.")
    if arguments.processes == 1:
        train(arguments, Processes())
        return
    barrier = torch.multiprocessing.get_context("spawn").Barrier(arguments.processes)
    # Without this a terminated training would leave its processes behind, at work and saving.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with tempfile.TemporaryDirectory(dir=SHARED_MEMORY if SHARED_MEMORY.exists() else None) as folder:
        torch.multiprocessing.spawn(run_one, (train, arguments, folder, barrier), nprocs=arguments.processes, daemon=True)


def run_one(
    rank: int,
    train: Callable[[argparse.Namespace, Processes], None],
    arguments: argparse.Namespace,
    folder: str,
    barrier: Barrier,
) -> None:
    train(arguments, Processes(rank, arguments.processes, folder, barrier))
