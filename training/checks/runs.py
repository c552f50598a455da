"""Checks of whole trainings, at toy size."""

import argparse
import sys
import tempfile
from pathlib import Path
from unittest.mock import patch

import torch

from training.checkpoint import load_checkpoint
from training.checks.discs import write_discs
from training.keep_share import keep_share as add_change
from training.keep_share import main as keep_share
from training.processes import Processes
from training.train_denoiser import main as train_denoiser
from training.train_denoiser import train
from training.train_vae import main as train_vae


def a_finished_autoencoder_trained_again_stays_as_it_is() -> None:
    """A denoiser that learnt its latents may lean on it."""
    with tempfile.TemporaryDirectory() as name:
        write_discs(Path(name))
        with patch.object(sys, "argv", ["train_vae", "--tiny", "--device", "cpu", "--run", name]):
            train_vae()
            first = load_checkpoint(Path(name) / "autoencoder.pt")
            train_vae()
            second = load_checkpoint(Path(name) / "autoencoder.pt")
    assert first["average"].keys() == second["average"].keys()
    for part, value in first["average"].items():
        assert torch.equal(value, second["average"][part]), part


def everything_that_learns_is_clipped_together() -> None:
    clipped = []
    with tempfile.TemporaryDirectory() as name:
        write_discs(Path(name))
        arguments = ["--tiny", "--device", "cpu", "--run", name]
        with patch.object(sys, "argv", ["train_vae", *arguments]):
            train_vae()
        with (
            patch.object(sys, "argv", ["train_denoiser", *arguments]),
            patch.object(torch.nn.utils, "clip_grad_norm_", lambda parameters, most: clipped.append([*parameters])),
        ):
            train_denoiser()
        state = load_checkpoint(Path(name) / "denoiser.pt")
    learning = [weight.shape for network in ("unet", "text") for weight in state[network].values()]
    assert clipped and all([weight.shape for weight in step] == learning for step in clipped)


def refining_more_often_than_every_step_is_refused() -> None:
    try:
        train(argparse.Namespace(refine_every=0), Processes())
    except ValueError as error:
        assert "--refine-every 0" in str(error)
    else:
        raise AssertionError("accepted")


def a_kept_share_lies_between_and_can_be_handed_on() -> None:
    def state(unet: float, text: float) -> dict:
        parts = {"average": unet, "text_average": text}
        return {name: {"steps": 1, "weights": {"weight": torch.full((2,), value)}} for name, value in parts.items()}

    with tempfile.TemporaryDirectory() as name:
        for file, values in {"before": (1.0, 5.0), "after": (3.0, 5.0), "other": (10.0, 7.0)}.items():
            torch.save({"config": {}, "text_config": {}} | state(*values), Path(name) / f"{file}.pt")
        common = ["keep_share", "--run", name, "--before", "before", "--after", "after", "--share", "0.25"]
        for options, expected in (([], (1.5, 5.0)), (["--onto", "other"], (10.5, 7.0))):
            with patch.object(sys, "argv", [*common, "--name", "kept", *options]):
                keep_share()
            kept = load_checkpoint(Path(name) / "kept.pt")
            found = tuple(kept[part]["weights"]["weight"][0].item() for part in ("average", "text_average"))
            assert found == expected, found
    try:
        add_change({"weight": torch.zeros(2)}, {"weight": torch.zeros(3)}, {"weight": torch.zeros(3)}, 0.5)
    except ValueError as error:
        assert "different networks" in str(error)
    else:
        raise AssertionError("networks of different sizes accepted")


CHECKS = (
    a_kept_share_lies_between_and_can_be_handed_on,
    a_finished_autoencoder_trained_again_stays_as_it_is,
    everything_that_learns_is_clipped_together,
    refining_more_often_than_every_step_is_refused,
)
