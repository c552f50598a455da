"""Checks that the processes of one training step alike."""

import argparse
import tempfile
from pathlib import Path

import torch
from torch import nn

from training.processes import Processes, run_processes


def processes_step_with_the_mean_of_their_gradients() -> None:
    with tempfile.TemporaryDirectory() as folder:
        run_processes(save_gradient, argparse.Namespace(processes=2, folder=folder))
        found = [torch.load(Path(folder) / f"{rank}.pt", weights_only=True) for rank in (0, 1)]
    # Of the loss rank + 1 times the weight: gradients of 1 and 2; clocks of 10 and 20.
    assert all(gradient == 1.5 and clock == 10 for gradient, clock in found), found


def save_gradient(arguments: argparse.Namespace, processes: Processes) -> None:
    weight = nn.Parameter(torch.zeros(1))
    (weight * (processes.rank + 1)).sum().backward()
    processes.average_gradients([weight, nn.Parameter(torch.zeros(1))])
    clock = processes.from_first(10.0 * (processes.rank + 1))
    torch.save([weight.grad.item(), clock], Path(arguments.folder) / f"{processes.rank}.pt")


CHECKS = (processes_step_with_the_mean_of_their_gradients,)
