"""Checks that the processes of one training step alike."""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from training.models.muon import Muon
from training.processes import Processes, run_processes


def processes_step_with_the_mean_of_their_gradients() -> None:
    with tempfile.TemporaryDirectory() as folder:
        run_processes(save_gradient, argparse.Namespace(processes=2, folder=folder))
        found = [torch.load(Path(folder) / f"{rank}.pt", weights_only=True) for rank in (0, 1)]
    # Of the loss rank + 1 times the weight: gradients of 1 and 2; clocks of 10 and 20.
    assert all(gradient == 1.5 and clock == 10 for gradient, clock in found), found


def processes_that_share_the_updates_take_the_step_of_one() -> None:
    with tempfile.TemporaryDirectory() as folder:
        step_with_muon(argparse.Namespace(processes=1, folder=folder), Processes())
        run_processes(step_with_muon, argparse.Namespace(processes=2, folder=folder))
        names = ("0-of-1", "0-of-2", "1-of-2")
        alone, first, second = (torch.load(Path(folder) / f"{name}.pt", weights_only=True) for name in names)
    for name, weight in alone.items():
        assert torch.equal(first[name], second[name]), name
        # Rounded to bfloat16 within, in batches of other sizes.
        assert (first[name] - weight).abs().max() < 2e-3 and weight.abs().max() > 0.05, name


def step_with_muon(arguments: argparse.Namespace, processes: Processes) -> None:
    """Three matrices of one shape and one of another, the same gradients everywhere; two steps."""
    torch.manual_seed(3)
    network = nn.Sequential(*(nn.Linear(8, 8, bias=False) for _ in range(3)), nn.Linear(8, 4, bias=False))
    gradients = [torch.randn_like(weight) for weight in network.parameters()]
    nn.init.zeros_(network[0].weight)
    muon = Muon(list(network.parameters()), 0.1, processes=processes)
    for _ in range(2):
        for weight, gradient in zip(network.parameters(), gradients):
            weight.grad = gradient
        muon.step()
    torch.save(network.state_dict(), Path(arguments.folder) / f"{processes.rank}-of-{processes.count}.pt")


def what_one_process_makes_the_others_find() -> None:
    with tempfile.TemporaryDirectory() as folder:
        run_processes(make_once, argparse.Namespace(processes=2, folder=folder))
        makers = sorted(path.read_text() for path in Path(folder).glob("*.txt"))
    assert makers == ["found it", "made it"], makers


def a_terminated_training_leaves_no_process_behind() -> None:
    with tempfile.TemporaryDirectory() as folder:
        program = (
            "import argparse, training.checks.processes as checks\n"
            f"checks.run_processes(checks.work_for_long, argparse.Namespace(processes=2, folder={folder!r}))"
        )
        training = subprocess.Popen([sys.executable, "-c", program])
        until(lambda: len(list(Path(folder).glob("*.pid"))) == 2)
        working = [int(path.read_text()) for path in Path(folder).glob("*.pid")]
        training.terminate()
        assert training.wait(20) == 143
    until(lambda: not any(is_running(process) for process in working))


def work_for_long(arguments: argparse.Namespace, processes: Processes) -> None:
    unfinished = Path(arguments.folder) / f"{processes.rank}"
    unfinished.write_text(str(os.getpid()))
    unfinished.rename(unfinished.with_suffix(".pid"))
    time.sleep(60)


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def until(holds: Callable[[], bool]) -> None:
    """Waits for it, half a minute at most."""
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def make_once(arguments: argparse.Namespace, processes: Processes) -> None:
    def make() -> str:
        if (Path(arguments.folder) / "made").exists():
            return "found it"
        time.sleep(0.3)  # long enough for the other to look, if it did not wait
        (Path(arguments.folder) / "made").touch()
        return "made it"

    (Path(arguments.folder) / f"{processes.rank}.txt").write_text(processes.in_turn(make))


def save_gradient(arguments: argparse.Namespace, processes: Processes) -> None:
    weight = nn.Parameter(torch.zeros(1))
    (weight * (processes.rank + 1)).sum().backward()
    processes.average_gradients([weight, nn.Parameter(torch.zeros(1))])
    clock = processes.from_first(10.0 * (processes.rank + 1))
    torch.save([weight.grad.item(), clock], Path(arguments.folder) / f"{processes.rank}.pt")


CHECKS = (
    processes_step_with_the_mean_of_their_gradients,
    processes_that_share_the_updates_take_the_step_of_one,
    what_one_process_makes_the_others_find,
    a_terminated_training_leaves_no_process_behind,
)
