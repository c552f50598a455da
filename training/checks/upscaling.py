"""Checks of resampling, and of the upscaler that starts from it."""

import numpy as np
import torch
from PIL import Image

from training.diffusion.noise_schedule import NoiseSchedule
from training.models.upscaler import Upscaler
from training.presets import TINY_UPSCALER
from training.scenes.reduce import enlarge_lanczos, enlargement, reduce
from training.train_upscaler import SCALE, enlarge, grain_alpha_bar, residual, restore, upscale


def the_upscalers_residual_restores_the_picture() -> None:
    large = torch.rand(1, 3, 64, 64) * 2 - 1
    small = reduce(large, SCALE, "lanczos")
    assert torch.allclose(restore(residual(large, small), small), large, atol=1e-5)


def what_every_step_of_the_upscaler_needs_is_computed_once() -> None:
    assert grain_alpha_bar() is grain_alpha_bar() and enlargement(SCALE) is enlargement(SCALE)


def resampling_equals_pillow() -> None:
    """On soft pictures: Pillow rounds and clips between its two passes, which ours does not."""
    coarse = torch.nn.functional.interpolate(torch.rand(1, 3, 12, 16) * 2 - 1, scale_factor=4, mode="bicubic") * 0.4
    large = ((coarse + 1) * 127.5).round() / 127.5 - 1
    image = Image.fromarray(((large[0] + 1) * 127.5).round().byte().permute(1, 2, 0).numpy())
    for kernel, filter in (
        ("lanczos", Image.Resampling.LANCZOS),
        ("cubic", Image.Resampling.BICUBIC),
        ("box", Image.Resampling.BOX),
    ):
        theirs = torch.from_numpy(np.asarray(image.resize((16, 12), filter)).copy()).permute(2, 0, 1) / 127.5 - 1
        assert (reduce(large, SCALE, kernel)[0] - theirs).abs().max() < 1.5 / 127.5, kernel
    small = reduce(large, SCALE, "lanczos")
    ours = torch.nn.functional.pixel_shuffle(enlarge(small), SCALE)[:, :, 16:-16, 16:-16]
    assert (ours - enlarge_lanczos(small, SCALE)[:, :, 16:-16, 16:-16]).abs().max() < 2 / 127.5


def an_untrained_upscaler_answers_with_lanczos() -> None:
    small = torch.rand(2, 3, 8, 8) - 0.5
    drawn = upscale(Upscaler(TINY_UPSCALER), NoiseSchedule(ends_in_noise=True), small, steps=1)
    assert torch.allclose(drawn, torch.nn.functional.pixel_shuffle(enlarge(small), SCALE), atol=1e-5)


CHECKS = (
    the_upscalers_residual_restores_the_picture,
    what_every_step_of_the_upscaler_needs_is_computed_once,
    resampling_equals_pillow,
    an_untrained_upscaler_answers_with_lanczos,
)
