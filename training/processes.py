"""One training in several processes: each draws its own batches, and all take the same step with the mean of their gradients.

On a CPU two processes of one thread do more than one process of two, because a step has many parts too small to share.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterable

import torch
import torch.distributed as dist
from torch import nn


class Processes:
    """This process among those of one training, or the only one."""

    def __init__(self, rank: int = 0, count: int = 1):
        self.rank, self.count = rank, count

    @property
    def is_first(self) -> bool:
        """The one that measures, prints and saves."""
        return self.rank == 0

    def average_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        if self.count == 1:
            return
        gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
        together = torch.cat([gradient.flatten() for gradient in gradients]) / self.count
        dist.all_reduce(together)
        for gradient, mean in zip(gradients, together.split([gradient.numel() for gradient in gradients])):
            gradient.copy_(mean.view_as(gradient))

    def from_first(self, value: float) -> float:
        """The first process's value, the same for all: clocks differ."""
        if self.count == 1:
            return value
        shared = torch.tensor([value], dtype=torch.float64)
        dist.broadcast(shared, src=0)
        return shared.item()


def run_processes(train: Callable[[argparse.Namespace, Processes], None], arguments: argparse.Namespace) -> None:
    """Calls `train` in `arguments.processes` processes on this machine's CPU."""
    if arguments.processes == 1:
        train(arguments, Processes())
        return
    with tempfile.TemporaryDirectory() as folder:
        torch.multiprocessing.spawn(join, (train, arguments, f"file://{folder}/meeting"), nprocs=arguments.processes)


def join(
    rank: int, train: Callable[[argparse.Namespace, Processes], None], arguments: argparse.Namespace, meeting: str
) -> None:
    dist.init_process_group("gloo", init_method=meeting, rank=rank, world_size=arguments.processes)
    train(arguments, Processes(rank, arguments.processes))
    dist.destroy_process_group()
