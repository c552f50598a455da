"""Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon): momentum made orthogonal, for hidden weights.

A matrix's update keeps its directions and gets equal strength in all of them. Biases, gains, embeddings and the first
and last layers are left to Adam.
"""

import torch
from torch import Tensor, nn

# The quintic whose iteration drives singular values towards 1, from the source above.
A, B, C = 3.4445, -4.7750, 2.0315
ITERATIONS = 5


class Muon(torch.optim.Optimizer):
    def __init__(self, parameters: list[nn.Parameter], rate: float = 0.01, momentum: float = 0.95, weight_decay: float = 0.0):
        super().__init__(parameters, {"lr": rate, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                state = self.state[parameter]
                momentum = state.setdefault("momentum", torch.zeros_like(parameter))
                momentum.lerp_(parameter.grad, 1 - group["momentum"])
                ahead = torch.lerp(parameter.grad, momentum, group["momentum"])
                update = orthogonal(ahead.flatten(1)).view_as(parameter)
                rows, columns = parameter.shape[0], parameter[0].numel()
                parameter.mul_(1 - group["lr"] * group["weight_decay"])
                parameter.add_(update, alpha=-group["lr"] * max(1.0, rows / columns) ** 0.5)


def orthogonal(matrix: Tensor) -> Tensor:
    """The nearest semi-orthogonal matrix, roughly, without a singular value decomposition. bf16 is precise enough."""
    x = matrix.bfloat16()
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    x = x / (x.norm() + 1e-7)
    for _ in range(ITERATIONS):
        square = x @ x.T
        x = A * x + (B * square + C * square @ square) @ x
    return (x.T if tall else x).to(matrix.dtype)


def make_optimizers(model: nn.Module, rate: float, muon_rate: float) -> list[torch.optim.Optimizer]:
    """Muon for the hidden matrices and kernels, Adam for everything else."""
    hidden, others = [], []
    for name, parameter in model.named_parameters():
        at_the_edge = name.startswith(("conv_in", "conv_out", "token", "position", "noise_level"))
        (others if parameter.dim() < 2 or at_the_edge else hidden).append(parameter)
    adam = torch.optim.AdamW(others, lr=rate, betas=(0.9, 0.98), weight_decay=0.0)
    return [Muon(hidden, muon_rate), adam]
