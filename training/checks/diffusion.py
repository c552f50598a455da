"""Checks of the mathematics: the forward process, samplers against diffusers, the arithmetic of distillation."""

import torch

from training.diffusion.loss import LEAST_WEIGHT, REFERENCE_CELLS, RESTYLE_FROM, restyling_timesteps, velocity_loss
from training.diffusion.noise_schedule import NoiseSchedule, make_betas
from training.diffusion.sampling import sample_ddim, sample_dpm_solver, trailing_timesteps
from training.teacher_walks import TEACHER_STEPS_EACH, ddim_step, student_intervals, teacher_velocity


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


def a_velocity_leads_to_the_picture_asked_for_from_any_other() -> None:
    schedule, t = NoiseSchedule(), torch.tensor([0, 300, 999])
    asked, other, noise = torch.randn(3, 3, 4, 4, 4)
    noisy = schedule.add_noise(other, noise, t)
    found = schedule.clean_from_velocity(noisy, schedule.velocity_to(asked, noisy, t), t)
    assert torch.allclose(found, asked, atol=1e-4)
    assert torch.allclose(schedule.velocity_to(other, noisy, t), schedule.velocity(other, noise, t), atol=1e-3)


def twice_the_side_counts_as_a_quarter_of_the_noise() -> None:
    schedule, t = NoiseSchedule(), torch.tensor([440])  # where neither weight is capped or raised

    def weight(cells: int) -> float:
        wrong, mask = torch.ones(1, 4, cells, cells), torch.ones(1, 1, cells, cells)
        return velocity_loss(schedule, wrong, torch.zeros_like(wrong), t, mask).item()

    assert abs(weight(2 * REFERENCE_CELLS) / weight(REFERENCE_CELLS) - 4) < 1e-4
    snr = schedule.signal_to_noise(t).item()
    assert abs(weight(REFERENCE_CELLS) - snr / (snr + 1)) < 1e-6


def the_noisy_end_counts_too() -> None:
    """Where it is decided what a thing is: no less than a third of what counts most."""
    schedule, wrong, mask = NoiseSchedule(), torch.ones(1, 4, REFERENCE_CELLS, REFERENCE_CELLS), torch.ones(1, 1, 16, 16)
    weights = [velocity_loss(schedule, wrong, 0 * wrong, torch.tensor([t]), mask).item() for t in range(100, 1000, 100)]
    assert max(weights) < 3 * LEAST_WEIGHT and weights[-1] == min(weights) >= LEAST_WEIGHT - 1e-6, weights


def restyling_is_taught_from_its_first_timestep_to_the_last() -> None:
    t = restyling_timesteps(torch.arange(1000), 1000)
    assert (t.min(), t.max()) == (RESTYLE_FROM, 999), (t.min(), t.max())


def the_solver_stops_where_it_is_told() -> None:
    """Down to a timestep, and on from there: the same as in one go, while each step is of first order."""
    schedule, noisy = NoiseSchedule(), torch.randn(2, 4, 8, 8)
    teach = lambda latents, t: torch.tanh(latents)  # noqa: E731
    there = sample_dpm_solver(schedule, teach, noisy, [999], until=499)
    assert torch.allclose(
        sample_dpm_solver(schedule, teach, there, [499]), sample_ddim(schedule, teach, noisy, [999, 499]), atol=1e-3
    )


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


CHECKS = (
    the_closed_form_equals_the_iterated_chain,
    schedules_equal_diffusers,
    samplers_equal_diffusers,
    velocity_and_its_inverses_agree,
    a_velocity_leads_to_the_picture_asked_for_from_any_other,
    twice_the_side_counts_as_a_quarter_of_the_noise,
    the_noisy_end_counts_too,
    restyling_is_taught_from_its_first_timestep_to_the_last,
    the_solver_stops_where_it_is_told,
    the_students_step_ends_where_the_teachers_steps_end,
)
