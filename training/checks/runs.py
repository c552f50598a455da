"""Checks of whole trainings, at toy size."""

import sys
import tempfile
from pathlib import Path
from unittest.mock import patch

import torch

from training.checkpoint import load_checkpoint
from training.checks.discs import write_discs
from training.train_denoiser import main as train_denoiser
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


CHECKS = (
    a_finished_autoencoder_trained_again_stays_as_it_is,
    everything_that_learns_is_clipped_together,
)
