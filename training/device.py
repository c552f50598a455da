"""Where to train, and in which precision."""

import argparse
from contextlib import AbstractContextManager

import torch


def training_device(arguments: argparse.Namespace) -> torch.device:
    name = arguments.device or ("cuda" if torch.cuda.is_available() else "cpu")
    if name == "cpu":
        # Threads that wait for each other lose most of their time when the machine does anything else.
        torch.set_num_threads(1)
    else:
        torch.backends.cuda.matmul.allow_tf32 = True
        torch.backends.cudnn.allow_tf32 = True
        torch.backends.cudnn.benchmark = True
    return torch.device(name)


def half_precision(device: torch.device) -> AbstractContextManager:
    """Products in bfloat16, everything else in float32."""
    return torch.autocast(device.type, dtype=torch.bfloat16)
