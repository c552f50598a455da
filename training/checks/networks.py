"""Checks of the networks, their optimizers, their averages and their tokens."""

import tempfile
from dataclasses import asdict
from pathlib import Path

import torch

from training.diffusion.loss import velocity_loss
from training.diffusion.noise_schedule import NoiseSchedule
from training.models.average import WeightAverage
from training.models.muon import make_optimizers, orthogonal
from training.models.text_encoder import CONTEXT
from training.models.tokenizer import Tokenizer
from training.models.unet import UNet, network_config
from training.presets import TINY_DENOISER, TINY_TEXT_WIDTH


def a_tiny_model_overfits_one_batch() -> None:
    torch.manual_seed(0)
    unet, schedule = UNet(TINY_DENOISER), NoiseSchedule()
    clean, noise, text = torch.randn(4, 4, 8, 8), torch.randn(4, 4, 8, 8), torch.randn(4, CONTEXT, TINY_TEXT_WIDTH)
    t, mask = torch.tensor([100, 400, 700, 950]), torch.ones(4, 1, 8, 8)
    sample = torch.cat([schedule.add_noise(clean, noise, t), mask, torch.zeros_like(clean)], dim=1)
    optimizers, losses = make_optimizers(unet, 3e-3, 0.02), []
    for _ in range(150):
        loss = velocity_loss(schedule, unet(sample, t, text), schedule.velocity(clean, noise, t), t, mask)
        loss.backward()
        for optimizer in optimizers:
            optimizer.step(), optimizer.zero_grad()
        losses.append(loss.item())
    assert losses[-1] < 0.05 * losses[0], (losses[0], losses[-1])


def a_network_of_a_checkpoints_sizes_is_the_one_stored() -> None:
    stored = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(TINY_DENOISER).items()}
    assert network_config(stored) == TINY_DENOISER


def muon_makes_updates_orthogonal() -> None:
    values = torch.linalg.svdvals(orthogonal(torch.randn(2, 48, 96)).float())
    assert values.min() > 0.5 and values.max() < 1.3, values


def a_model_has_its_own_weights_again_after_the_average_was_measured() -> None:
    model = torch.nn.Linear(2, 2)
    average = WeightAverage(model)
    own = model.weight.data.fill_(3).clone()
    with average.applied_to(model):
        assert torch.equal(model.weight, average.weights["weight"]) and not torch.equal(model.weight, own)
    assert torch.equal(model.weight, own)


def tokens_equal_transformers() -> None:
    from transformers import CLIPTokenizer

    tokenizer = Tokenizer.train(["red apple", "smiling face with three hearts", "a rocket's window", "7 cats"], 600)
    with tempfile.TemporaryDirectory() as folder:
        tokenizer.save(Path(folder))
        reloaded = Tokenizer.load(Path(folder))
        theirs = CLIPTokenizer(str(Path(folder) / "vocab.json"), str(Path(folder) / "merges.txt"))
        for text in ("a red apple", "Seven cats, 77 hearts!", "the rocket's zebra"):
            expected = theirs(text)["input_ids"]
            assert reloaded.encode([text])[0, : len(expected)].tolist() == expected, text


CHECKS = (
    a_tiny_model_overfits_one_batch,
    a_network_of_a_checkpoints_sizes_is_the_one_stored,
    muon_makes_updates_orthogonal,
    a_model_has_its_own_weights_again_after_the_average_was_measured,
    tokens_equal_transformers,
)
