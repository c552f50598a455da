"""One block of each kind at true width, saved by diffusers; and how long PyTorch takes for it, and for its matrices alone.

python one_block.py FAMILY FOLDER PICTURE_TOKENS TEXT_TOKENS RUNS
"""

import json
import os
import resource
import sys
import time

import torch
from diffusers import Flux2Transformer2DModel, ZImageTransformer2DModel

family, folder, picture, words, runs = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
torch.manual_seed(0)
torch.set_num_threads(os.cpu_count())


def klein():
    return Flux2Transformer2DModel(
        in_channels=128, num_layers=1, num_single_layers=1, attention_head_dim=128, num_attention_heads=24,
        joint_attention_dim=7680, mlp_ratio=3.0, axes_dims_rope=(32, 32, 32, 32), rope_theta=2000, guidance_embeds=False,
    )


def z_image():
    return ZImageTransformer2DModel(n_layers=1, n_refiner_layers=1)


model = {"klein": klein, "z-image": z_image}[family]().eval()
if not os.path.exists(os.path.join(folder, "config.json")):
    model.to(torch.bfloat16).save_pretrained(folder)
model.to(torch.float32)
side = int(picture**0.5)


@torch.no_grad()
def run():
    if family == "klein":
        ids = torch.cartesian_prod(torch.arange(1), torch.arange(side), torch.arange(side), torch.arange(1))
        text = torch.cartesian_prod(torch.arange(1), torch.arange(1), torch.arange(1), torch.arange(words))
        model(
            hidden_states=torch.randn(1, picture, 128), encoder_hidden_states=torch.randn(1, words, 7680),
            timestep=torch.tensor([0.5]), img_ids=ids[None].float(), txt_ids=text[None].float(), return_dict=False,
        )
    else:
        model([torch.randn(16, 1, 2 * side, 2 * side)], torch.tensor([0.5]), [torch.randn(words, 2560)])


def rows(name):
    """How many rows each layer multiplies."""
    if "modulation" in name or "embedder.mlp" in name or "timestep" in name or "norm_out" in name:
        return 1
    if "context" in name or "add_" in name or "cap_embedder" in name:
        return words
    single = "single" in name or name.startswith("layers")
    return picture + (words if single else 0)


shapes = [(rows(n), *m.weight.shape) for n, m in model.named_modules() if isinstance(m, torch.nn.Linear)]
flops = sum(2 * r * o * i for r, o, i in shapes)


def best(work):
    work()
    times = []
    for _ in range(runs):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)


@torch.no_grad()
def matrices():
    for r, o, i in shapes:
        torch.mm(torch.ones(r, i), torch.ones(i, o))


result = {
    "flops": flops,
    "parameters": sum(p.numel() for p in model.parameters()),
    "seconds": best(run),
    "matrices": best(matrices),
    "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
}
print(json.dumps(result))
