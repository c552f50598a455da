"""python -m training.check: the training code's own tests. Two minutes on two cores; needs the packages in requirements.txt.

--fast leaves out the chain from data to an edited picture, which fetches packages from the npm registry.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from training.data.checks import DATA_CHECKS
from training.diffusion.loss import velocity_loss
from training.diffusion.noise_schedule import NoiseSchedule, make_betas
from training.diffusion.sampling import sample_ddim, sample_dpm_solver, trailing_timesteps
from training.models.average import WeightAverage
from training.models.muon import make_optimizers, orthogonal
from training.models.text_encoder import CONTEXT
from training.models.tokenizer import Tokenizer
from training.models.unet import UNet, network_config
from training.models.upscaler import Upscaler
from training.pack_checks import PACK_CHECKS
from training.presets import TINY_DENOISER, TINY_TEXT_WIDTH, TINY_UPSCALER
from training.scenes.checks import SCENE_CHECKS
from training.scenes.reduce import enlarge_lanczos, enlargement, reduce
from training.teacher_walks import TEACHER_STEPS_EACH, ddim_step, student_intervals, teacher_velocity
from training.train_upscaler import SCALE, enlarge, grain_alpha_bar, residual, restore, upscale
from training.wording_checks import WORDING_CHECKS

REPOSITORY = Path(__file__).parent.parent


def the_closed_form_equals_the_iterated_chain() -> None:
    """Mean and variance after t single steps, for a chain of many samples."""
    torch.manual_seed(0)
    betas, schedule, t = make_betas("scaled_linear").float(), NoiseSchedule(), 400
    x = torch.full((200_000,), 2.0)
    for beta in betas[: t + 1]:
        x = (1 - beta).sqrt() * x + beta.sqrt() * torch.randn_like(x)
    assert abs(x.mean() - 2 * schedule.signal[t]) < 0.01, x.mean()
    assert abs(x.std() - schedule.noise[t]) < 0.01, x.std()


def schedules_equal_diffusers() -> None:
    from diffusers import DDPMScheduler

    for name in ("linear", "scaled_linear", "squaredcos_cap_v2"):
        theirs = DDPMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule=name).alphas_cumprod
        assert torch.allclose(NoiseSchedule(name).alpha_bar, theirs, atol=1e-5), name
    theirs = DDPMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", rescale_betas_zero_snr=True
    ).alphas_cumprod
    assert torch.allclose(NoiseSchedule(ends_in_noise=True).alpha_bar, theirs, atol=1e-5)


def samplers_equal_diffusers() -> None:
    from diffusers import DDIMScheduler, DPMSolverMultistepScheduler

    common = {
        "beta_start": 0.00085,
        "beta_end": 0.012,
        "beta_schedule": "scaled_linear",
        "prediction_type": "v_prediction",
        "timestep_spacing": "trailing",
    }
    ddim = DDIMScheduler(**common, clip_sample=False, set_alpha_to_one=True)
    solver = DPMSolverMultistepScheduler(**common, algorithm_type="dpmsolver++", solver_order=2, lower_order_final=True)
    start = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(3))
    for scheduler, ours in ((ddim, sample_ddim), (solver, sample_dpm_solver)):
        scheduler.set_timesteps(20)
        latents = start
        for t in scheduler.timesteps:
            latents = scheduler.step(torch.sin(latents + t / 500), t, latents).prev_sample
        mine = ours(NoiseSchedule(), lambda x, t: torch.sin(x + t.view(-1, 1, 1, 1) / 500), start, trailing_timesteps(20, 1000))
        assert torch.allclose(mine, latents, atol=2e-3), (type(scheduler).__name__, (mine - latents).abs().max())


def velocity_and_its_inverses_agree() -> None:
    schedule, t = NoiseSchedule(), torch.tensor([0, 300, 999])
    clean, noise = torch.randn(3, 4, 4, 4), torch.randn(3, 4, 4, 4)
    noisy, velocity = schedule.add_noise(clean, noise, t), schedule.velocity(clean, noise, t)
    assert torch.allclose(schedule.clean_from_velocity(noisy, velocity, t), clean, atol=1e-4)
    assert torch.allclose(schedule.noise_from_velocity(noisy, velocity, t), noise, atol=1e-4)


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


def a_checkpoint_reads_back_with_sizes_that_networks_no_longer_have() -> None:
    stored = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(TINY_DENOISER).items()}
    assert network_config(stored | {"noise_levels": 0}) == TINY_DENOISER


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


def the_students_step_ends_where_the_teachers_steps_end() -> None:
    schedule, noisy = NoiseSchedule(), torch.randn(2, 4, 8, 8)
    teach = lambda latents, t: torch.tanh(latents)  # noqa: E731
    for now, following in student_intervals(schedule.timesteps):
        velocity = teacher_velocity(schedule, teach, noisy, now, following)
        t, lowest = torch.full((2,), now), -1 if following is None else following
        times = [round(now - i * (now - lowest) / TEACHER_STEPS_EACH) for i in range(TEACHER_STEPS_EACH)]
        ended = sample_dpm_solver(schedule, teach, noisy, times, until=following)
        if following is None:
            landed = schedule.clean_from_velocity(noisy, velocity, t)
        else:
            landed = ddim_step(schedule, noisy, velocity, t, torch.full((2,), following))
        assert torch.allclose(landed, ended, atol=1e-3), (landed - ended).abs().max()


def the_solver_stops_where_it_is_told() -> None:
    """Down to a timestep, and on from there: the same as in one go, while each step is of first order."""
    schedule, noisy = NoiseSchedule(), torch.randn(2, 4, 8, 8)
    teach = lambda latents, t: torch.tanh(latents)  # noqa: E731
    there = sample_dpm_solver(schedule, teach, noisy, [999], until=499)
    assert torch.allclose(
        sample_dpm_solver(schedule, teach, there, [499]), sample_ddim(schedule, teach, noisy, [999, 499]), atol=1e-3
    )


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


def the_tiny_chain_ends_in_an_edited_picture() -> None:
    """Every command once, at toy size, and an edit with the packs that come out."""
    with tempfile.TemporaryDirectory() as folder:
        run = str(Path(folder) / "run")
        pack = str(Path(folder) / "tiny")
        for command in (
            ["data"], ["train_vae"], ["train_denoiser", "--processes", "2"], ["train_wordings"], ["distill"], ["train_upscaler"], ["figures", "--out", f"{folder}/figures"],
            ["export", "--out", pack, "--denoiser", "denoiser-worded", "--native-size", "64", "--steps", "4"],
            ["export", "--out", f"{folder}/fast", "--denoiser", "denoiser-fast", "--native-size", "64", "--steps", "4", "--guidance", "1", "--sampler", "ddim", "--weights", "int8", "--borrow", "tiny"],
            ["export", "--out", f"{folder}/upscale", "--upscaler", "upscaler", "--steps", "4"],
            ["evaluate", "--pack", pack], ["evaluate", "--pack", f"{folder}/upscale"],
        ):  # fmt: skip
            done = subprocess.run(
                [sys.executable, "-m", f"training.{command[0]}", "--run", run, "--tiny", *command[1:]],
                cwd=REPOSITORY,
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, f"{command}: {done.stderr[-2000:]}"
        assert json.loads((Path(pack) / "overpaint.json").read_text())["nativeSize"] == 64
        assert (Path(pack) / "ATTRIBUTION.md").exists()
        edit_with_the_command_line(Path(folder), pack)
        edit_with_the_command_line(Path(folder), f"{folder}/fast")


def edit_with_the_command_line(folder: Path, pack: str) -> None:
    """`npx overpaint inpaint` with the tiny pack, where the project has been built."""
    main = REPOSITORY / "dist" / "companion-server" / "main.js"
    assert main.exists(), "run `npm run build` first: the chain ends with an edit through the command line"
    Image.new("RGB", (100, 80), (90, 160, 220)).save(folder / "in.png")
    mask = Image.new("L", (100, 80), 0)
    mask.paste(255, (30, 20, 70, 60))
    mask.save(folder / "mask.png")
    command = [
        "node",
        str(main),
        "inpaint",
        str(folder / "in.png"),
        "--mask",
        str(folder / "mask.png"),
        "--prompt",
        "a dog",
        "--model",
        pack,
        "-o",
        str(folder / "out.png"),
    ]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    source, result = (np.asarray(Image.open(folder / name).convert("RGB")) for name in ("in.png", "out.png"))
    assert (
        result.shape == source.shape
        and (result[:5] == source[:5]).all()
        and (result[30:50, 40:60] != source[30:50, 40:60]).any()
    )


FAST: tuple[Callable[[], None], ...] = (
    the_closed_form_equals_the_iterated_chain, schedules_equal_diffusers, samplers_equal_diffusers, velocity_and_its_inverses_agree,
    a_tiny_model_overfits_one_batch, a_checkpoint_reads_back_with_sizes_that_networks_no_longer_have, muon_makes_updates_orthogonal,
    a_model_has_its_own_weights_again_after_the_average_was_measured, tokens_equal_transformers, the_solver_stops_where_it_is_told, the_students_step_ends_where_the_teachers_steps_end,
    the_upscalers_residual_restores_the_picture, what_every_step_of_the_upscaler_needs_is_computed_once, resampling_equals_pillow,
    an_untrained_upscaler_answers_with_lanczos,
    *DATA_CHECKS, *SCENE_CHECKS, *WORDING_CHECKS, *PACK_CHECKS,
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fast", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    failed = 0
    for check in FAST if arguments.fast else (*FAST, the_tiny_chain_ends_in_an_edited_picture):
        try:
            check()
            print(f"ok    {check.__name__.replace('_', ' ')}", flush=True)
        except Exception:
            failed += 1
            print(f"FAIL  {check.__name__.replace('_', ' ')}\n{traceback.format_exc()}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
