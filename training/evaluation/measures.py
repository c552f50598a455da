"""Numbers about pictures in −1..1."""

import torch
import torch.nn.functional as F
from torch import Tensor

# Below this a gradient is rounding, and a ratio of two of them says nothing.
LEAST_GRADIENT = 0.004
SEAM_BAND = 6  # pixels on each side of the contour that count as nearby


def psnr(restored: Tensor, pictures: Tensor) -> Tensor:
    """[batch] dB, for pictures in −1..1, rounded to 8 bits as they will be seen."""
    seen = ((restored.clamp(-1, 1) + 1) * 127.5).round() / 255
    error = (seen - (pictures + 1) / 2).pow(2).mean(dim=(1, 2, 3))
    return -10 * error.clamp(min=1e-10).log10()


def masked_psnr(result: Tensor, truth: Tensor, mask: Tensor) -> float:
    """dB inside the mask. [3, H, W] twice, and [1, H, W]."""
    error = ((result - truth) / 2).pow(2).mean(dim=0, keepdim=True)
    return -10 * (((error * mask).sum() / mask.sum()).clamp(min=1e-6)).log10().item()


def seam(result: Tensor, mask: Tensor) -> float:
    """The gradient across the mask's contour over the gradient nearby: 1 where nothing shows. [3, H, W] and [1, H, W]."""
    grey = result.mean(dim=0, keepdim=True)
    across = F.pad((grey.diff(dim=2).abs()), (0, 1)) + F.pad(grey.diff(dim=1).abs(), (0, 0, 0, 1))
    edge = F.pad(mask.diff(dim=2).abs(), (0, 1)) + F.pad(mask.diff(dim=1).abs(), (0, 0, 0, 1))
    contour = (edge > 0).float()
    reach = 2 * SEAM_BAND + 1
    nearby = (
        F.max_pool2d(contour[None], reach, stride=1, padding=SEAM_BAND)[0]
        - F.max_pool2d(contour[None], 3, stride=1, padding=1)[0]
    ).clamp(min=0)
    if contour.sum() == 0 or nearby.sum() == 0:
        return 1.0
    on = (across * contour).sum() / contour.sum()
    near = (across * nearby).sum() / nearby.sum()
    return ((on + LEAST_GRADIENT) / (near + LEAST_GRADIENT)).item()


def edge_agreement(result: Tensor, source: Tensor) -> float:
    """Correlation of the edge strengths of two [3, H, W], −1..1: 1 where the layout is the same."""

    def edges(picture: Tensor) -> Tensor:
        grey = F.avg_pool2d(picture.mean(dim=0, keepdim=True), 2)
        return (grey.diff(dim=2)[:, :-1].abs() + grey.diff(dim=1)[:, :, :-1].abs()).flatten()

    return torch.corrcoef(torch.stack([edges(result), edges(source)]))[0, 1].item()
