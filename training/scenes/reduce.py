"""Making pictures smaller as programs do, and larger by Lanczos: the resampling of Pillow as products with a few weights."""

import math
from collections.abc import Callable
from functools import lru_cache

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

LANCZOS_REACH = 3


def lanczos(x: float) -> float:
    if x == 0:
        return 1.0
    return math.sin(math.pi * x) * math.sin(math.pi * x / 3) * 3 / (math.pi * x) ** 2 if abs(x) < LANCZOS_REACH else 0.0


def cubic(x: float) -> float:
    """Keys 1981 with a = −½."""
    x = abs(x)
    return (1.5 * x - 2.5) * x * x + 1 if x < 1 else ((-0.5 * x + 2.5) * x - 4) * x + 2 if x < 2 else 0.0


def triangle(x: float) -> float:
    return max(0.0, 1 - abs(x))


def box(x: float) -> float:
    return 1.0 if -0.5 < x <= 0.5 else 0.0


KERNELS: dict[str, Callable[[float], float]] = {"lanczos": lanczos, "cubic": cubic, "triangle": triangle, "box": box}


@lru_cache(maxsize=64)
def reduction(size: int, scale: int, kernel: str) -> Tensor:
    """[size / scale, size]: each row weighs the pixels under a kernel as many times wider as the picture gets smaller."""
    weigh = KERNELS[kernel]
    rows = [[weigh((pixel + 0.5) / scale - (cell + 0.5)) for pixel in range(size)] for cell in range(size // scale)]
    weights = torch.tensor(rows)
    return weights / weights.sum(dim=1, keepdim=True)


def reduce(large: Tensor, scale: int, kernel: str) -> Tensor:
    """[batch, 3, scale · h, scale · w] in −1..1 → [batch, 3, h, w], rounded to 8 bits."""
    down = reduction(large.shape[2], scale, kernel).to(large.device)
    across = reduction(large.shape[3], scale, kernel).to(large.device)
    small = (down @ large @ across.T).clamp(-1, 1)
    return ((small + 1) * 127.5).round() / 127.5 - 1


@lru_cache
def enlargement(scale: int) -> Tensor:
    """[scale², 1, 7, 7]: the weights of a small picture's pixels in each of the pixels that become of one of them."""
    taps = range(-LANCZOS_REACH, LANCZOS_REACH + 1)
    rows = torch.tensor([[lanczos(tap + 0.5 - (phase + 0.5) / scale) for tap in taps] for phase in range(scale)])
    rows = rows / rows.sum(dim=1, keepdim=True)
    return torch.einsum("ai,bj->abij", rows, rows).reshape(scale * scale, 1, len(taps), len(taps))


def enlarge_folded(small: Tensor, weights: Tensor) -> Tensor:
    """[batch, 3, h, w] → [batch, 3 · scale², h, w]: Lanczos enlargement, folded as `pixel_unshuffle` does."""
    height, width = small.shape[2:]
    planes = small.reshape(-1, 1, height, width)  # the same for each colour
    enlarged = F.conv2d(F.pad(planes, [LANCZOS_REACH] * 4, mode="replicate"), weights)
    return enlarged.reshape(-1, small.shape[1] * weights.shape[0], height, width)


def enlarge_lanczos(small: Tensor, scale: int) -> Tensor:
    """The interpolation to beat, by Pillow itself, on the CPU and through 8 bits.

    [batch, 3, h, w] in −1..1 → [batch, 3, scale · h, scale · w]
    """
    enlarged = []
    for picture in small.cpu():
        pixels = ((picture.clamp(-1, 1) + 1) * 127.5).round().byte().permute(1, 2, 0).numpy()
        height, width = pixels.shape[:2]
        image = Image.fromarray(pixels).resize((width * scale, height * scale), Image.Resampling.LANCZOS)
        enlarged.append(torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8).view(height * scale, width * scale, 3))
    return torch.stack(enlarged).permute(0, 3, 1, 2).float() / 127.5 - 1
