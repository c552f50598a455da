"""The interpolation to beat: Pillow's Lanczos filter."""

import torch
from PIL import Image
from torch import Tensor


def enlarge_lanczos(small: Tensor, scale: int) -> Tensor:
    """[batch, 3, h, w] in −1..1, through 8 bits, → [batch, 3, scale · h, scale · w] on the CPU."""
    enlarged = []
    for picture in small.cpu():
        pixels = ((picture.clamp(-1, 1) + 1) * 127.5).round().byte().permute(1, 2, 0).numpy()
        height, width = pixels.shape[:2]
        image = Image.fromarray(pixels).resize((width * scale, height * scale), Image.Resampling.LANCZOS)
        enlarged.append(torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8).view(height * scale, width * scale, 3))
    return torch.stack(enlarged).permute(0, 3, 1, 2).float() / 127.5 - 1
