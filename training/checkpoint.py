"""Checkpoints: everything a run needs to go on where it stopped, replaced as a whole or not at all."""

import os
from pathlib import Path
from typing import Any

import torch

# What a run that is cut off loses at most.
SAVE_EVERY_SECONDS = 120


def save_checkpoint(path: Path, **state: Any) -> None:
    partial = path.with_suffix(".partial")
    torch.save({name: part.state_dict() if hasattr(part, "state_dict") else part for name, part in state.items()}, partial)
    os.replace(partial, path)


def load_checkpoint(path: Path) -> dict[str, Any]:
    return torch.load(path, map_location="cpu", weights_only=True)
