"""Runs an exported pack in onnxruntime, with diffusers' inpainting and image-to-image loops written out."""

import json
import math
from pathlib import Path

import numpy as np
import onnxruntime
import torch
import torch.nn.functional as F
from torch import Tensor

from training.diffusion.noise_schedule import NoiseSchedule
from training.diffusion.sampling import guided, sample_ddim, sample_dpm_solver, trailing_timesteps
from training.models.autoencoder import LATENT_CELL, SCALING_FACTOR
from training.models.tokenizer import Tokenizer
from training.pack_folder import component_folder
from training.scenes.wordings import STYLE_PRESETS, Preset

# Of the second pass, as shared/planning/refined-size.ts and real-steps.ts have them.
REFINE_STRENGTH = 0.4
LEAST_REFINING_STEPS = 4


class PackRunner:
    def __init__(self, folder: Path, threads: int = 1):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.facts = json.loads((folder / "overpaint.json").read_text()) if (folder / "overpaint.json").exists() else {}
        self.sessions = {
            name: onnxruntime.InferenceSession(
                str(component_folder(folder, name) / "model.onnx"), options, providers=["CPUExecutionProvider"]
            )
            for name in ("text_encoder", "unet", "vae_encoder", "vae_decoder")
        }
        self.tokenizer = Tokenizer.load(component_folder(folder, "tokenizer"))
        self.schedule = NoiseSchedule()

    @property
    def native_size(self) -> int:
        return self.facts.get("nativeSize", 128)

    @property
    def largest_size(self) -> int:
        """The side that composed pictures are refined at."""
        return self.facts.get("largestSize", self.native_size)

    @property
    def default_steps(self) -> int:
        return self.facts.get("defaults", {}).get("steps", 20)

    @property
    def guidance(self) -> float:
        return self.facts.get("defaults", {}).get("guidanceScale", 2.5)

    @property
    def examples(self) -> list[str]:
        """The prompts that it suggests to people."""
        return self.facts.get("examples", [])

    def preset(self, style: str) -> Preset:
        """How a style of the artwork is asked for: in the words that the pack wants, or else in the preset's own."""
        preset = STYLE_PRESETS.get(style, Preset(style, "{prompt}, " + style + " style", ""))
        told = self.facts.get("styleWords", {}).get(preset.id)
        return preset if told is None else Preset(preset.id, told["template"], told["negativePrompt"])

    def run(self, name: str, **inputs: Tensor | np.ndarray) -> Tensor:
        values = {key: value.numpy() if isinstance(value, Tensor) else value for key, value in inputs.items()}
        return torch.from_numpy(self.sessions[name].run(None, values)[0])

    def encode_text(self, prompts: list[str]) -> Tensor:
        return self.run("text_encoder", input_ids=self.tokenizer.encode(prompts))

    def encode(self, pictures: Tensor) -> Tensor:
        """Latents as the denoiser sees them: the mean, scaled."""
        return self.run("vae_encoder", sample=pictures)[:, :4] * SCALING_FACTOR

    def decode(self, latents: Tensor) -> Tensor:
        return self.run("vae_decoder", latent_sample=latents / SCALING_FACTOR)

    def edit(self, pictures: Tensor, masks: Tensor, prompts: list[str], seed: int, steps: int | None = None) -> Tensor:
        """As edits do it: composed at the native size; where the pictures are larger, enlarged and refined at theirs."""
        size = pictures.shape[-1]
        if size <= self.native_size:
            return self.repaint(pictures, masks, prompts, seed, steps)
        small, small_masks = (F.interpolate(full, self.native_size, mode="area") for full in (pictures, masks))
        composed = self.repaint(small, small_masks.ceil(), prompts, seed, steps)
        enlarged = F.interpolate(composed, size, mode="bicubic", align_corners=False).clamp(-1, 1)
        begun = enlarged * masks + pictures * (1 - masks)
        # Four real steps at the least, as the planner has it.
        steps = max(steps or self.default_steps, math.ceil(LEAST_REFINING_STEPS / REFINE_STRENGTH))
        return self.repaint(pictures, masks, prompts, seed + 1, steps, strength=REFINE_STRENGTH, begun=begun)

    def repaint(self, pictures: Tensor, masks: Tensor, prompts: list[str], seed: int, steps: int | None = None,
                guidance: float | None = None, strength: float = 1.0, begun: Tensor | None = None,
                negatives: list[str] | None = None) -> Tensor:  # fmt: skip
        """Pictures [batch, 3, H, W] in −1..1 with the masked part drawn anew; the rest is the decoder's, not pasted back.

        Below a strength of 1 drawing starts at `begun`, or the pictures, with noise. `negatives`: a prompt's each.
        """
        steps = steps or self.default_steps
        guidance = self.guidance if guidance is None else guidance
        known = self.encode(pictures * (1 - masks))
        cells = masks[:, :, ::LATENT_CELL, ::LATENT_CELL]
        text = self.encode_text(prompts)
        nothing = self.encode_text(negatives or [""]).expand_as(text)
        noise = torch.randn(known.shape, generator=torch.Generator().manual_seed(seed))
        condition = torch.cat([cells, known], dim=1)

        def denoise(latents: Tensor, t: Tensor, words: Tensor) -> Tensor:
            repeated = condition.repeat(len(latents) // len(condition), 1, 1, 1)
            sample = torch.cat([latents, repeated], dim=1)
            return self.run("unet", sample=sample, timestep=t[:1], encoder_hidden_states=words)

        timesteps = trailing_timesteps(steps, self.schedule.timesteps)
        start = noise
        if strength < 1:
            timesteps = timesteps[round(len(timesteps) * (1 - strength)) :]
            t = torch.full((len(noise),), timesteps[0])
            start = self.schedule.add_noise(self.encode(pictures if begun is None else begun), noise, t)
        predict = guided(denoise, text, nothing, guidance) if guidance != 1 else lambda latents, t: denoise(latents, t, text)
        sample = sample_ddim if self.facts.get("defaults", {}).get("scheduler") == "ddim" else sample_dpm_solver
        return self.decode(sample(self.schedule, predict, start, timesteps)).clamp(-1, 1)
