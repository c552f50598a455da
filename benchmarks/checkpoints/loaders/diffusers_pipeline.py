"""Opens a single-file checkpoint with diffusers in PyTorch, and runs its denoiser as companion.ts does.

    python diffusers_pipeline.py FILE SIDE STEPS CONFIG_FOLDER
"""

import json
import os
import sys
import time

import torch
from diffusers import StableDiffusionPipeline

ROWS = 2


def tell(event, work=lambda: None):
    start, used = time.perf_counter(), time.process_time()
    result = work()
    spent = {"seconds": time.perf_counter() - start, "processorSeconds": time.process_time() - used}
    print(json.dumps({"event": event, **spent}), flush=True)
    return result


@torch.inference_mode()
def main(file: str, side: int, steps: int, configs: str) -> None:
    torch.set_num_threads(os.cpu_count())
    tell("started")
    # Processors compute in single precision, whatever the file is stored in.
    pipeline = tell("ready", lambda: StableDiffusionPipeline.from_single_file(
        file, config=configs, local_files_only=True, torch_dtype=torch.float32,
    ))

    def step(size: int):
        return pipeline.unet(torch.randn(ROWS, 4, size, size), 501, torch.randn(ROWS, 77, 768)).sample

    if steps > 0:
        step(8)
    for _ in range(steps):
        tell("step", lambda: step(side))
    tell("done")


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
