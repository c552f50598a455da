"""A FLUX.2 klein of some gigabytes with random weights in bfloat16, in the layout of diffusers.

python synthetic_klein.py FOLDER TOKENIZER
"""

import json
import os
import shutil
import sys

import torch
from diffusers import AutoencoderKLFlux2, FlowMatchEulerDiscreteScheduler, Flux2Transformer2DModel
from transformers import Qwen3Config, Qwen3ForCausalLM

folder, tokenizer = sys.argv[1:3]
HEADS = 12
WIDTH = 1024
torch.manual_seed(0)
torch.set_default_dtype(torch.bfloat16)


def save(name, build):
    with torch.no_grad():
        model = build().to(torch.bfloat16)
        model.save_pretrained(os.path.join(folder, name))
    print(f"{name}: {sum(p.numel() for p in model.parameters()) / 1e6:.0f} million weights", file=sys.stderr)


save("transformer", lambda: Flux2Transformer2DModel(
    in_channels=128, num_layers=5, num_single_layers=12, attention_head_dim=128, num_attention_heads=HEADS,
    joint_attention_dim=3 * WIDTH, mlp_ratio=3.0, axes_dims_rope=(32, 32, 32, 32), rope_theta=2000, guidance_embeds=False,
))
save("text_encoder", lambda: Qwen3ForCausalLM(Qwen3Config(
    vocab_size=151936, hidden_size=WIDTH, intermediate_size=3 * WIDTH, num_hidden_layers=28, num_attention_heads=16,
    num_key_value_heads=8, head_dim=128, rms_norm_eps=1e-6, tie_word_embeddings=True,
)))
save("vae", AutoencoderKLFlux2)
FlowMatchEulerDiscreteScheduler(shift=3.0, use_dynamic_shifting=True).save_pretrained(os.path.join(folder, "scheduler"))
shutil.copytree(tokenizer, os.path.join(folder, "tokenizer"))
index = {
    "_class_name": "Flux2KleinPipeline",
    "_diffusers_version": "0.42.1",
    "is_distilled": True,
    "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
    "text_encoder": ["transformers", "Qwen3ForCausalLM"],
    "tokenizer": ["transformers", "Qwen2Tokenizer"],
    "transformer": ["diffusers", "Flux2Transformer2DModel"],
    "vae": ["diffusers", "AutoencoderKLFlux2"],
}
with open(os.path.join(folder, "model_index.json"), "w") as file:
    json.dump(index, file)
