"""Muon (Jordan et al. 2024, https://kellerjordan.github.io/posts/muon): momentum made orthogonal, for hidden weights.

A matrix's update keeps its directions and gets equal strength in all of them. Biases, gains, embeddings and the first
and last layers are left to Adam.
"""

from collections import defaultdict

import torch
from torch import Tensor, nn

from training.processes import Processes

# The quintic whose iteration drives singular values towards 1, from the source above.
A, B, C = 3.4445, -4.7750, 2.0315
ITERATIONS = 5


class Muon(torch.optim.Optimizer):
    def __init__(
        self, parameters: list[nn.Parameter], rate: float = 0.01, momentum: float = 0.95, processes: Processes | None = None
    ):
        """`processes`: that step alike; each computes its part of the updates."""
        super().__init__(parameters, {"lr": rate, "momentum": momentum})
        self.processes = processes or Processes()

    @torch.no_grad()
    def step(self, closure: None = None) -> None:
        for group in self.param_groups:
            # Matrices of one shape go through the iteration together: a GPU would wait for many small products.
            ahead: dict[tuple[int, int], list[tuple[nn.Parameter, Tensor]]] = defaultdict(list)
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                momentum = self.state[parameter].setdefault("momentum", torch.zeros_like(parameter))
                momentum.lerp_(parameter.grad, 1 - group["momentum"])
                matrix = torch.lerp(parameter.grad, momentum, group["momentum"]).flatten(1)
                ahead[matrix.shape[0], matrix.shape[1]].append((parameter, matrix))
            shapes = list(ahead.values())
            computed = [self.orthogonal_together(torch.stack([matrix for _, matrix in members])) for members in shapes]
            for (rows, columns), members, updates in zip(ahead, shapes, self.processes.add_up(computed)):
                for (parameter, _), update in zip(members, updates):
                    parameter.add_(update.view_as(parameter), alpha=-group["lr"] * max(1.0, rows / columns) ** 0.5)

    def orthogonal_together(self, matrices: Tensor) -> Tensor:
        """This process's part of the updates of [count, rows, columns], and zeros for those of the others."""
        rank, count = self.processes.rank, self.processes.count
        updates = torch.zeros_like(matrices)
        own = slice(rank, None, count)
        updates[own] = orthogonal(matrices[own]) if len(matrices[own]) else updates[own]
        return updates


def orthogonal(matrices: Tensor) -> Tensor:
    """The nearest semi-orthogonal matrices [count, rows, columns], roughly, without singular values. bf16 is precise enough."""
    x = matrices.bfloat16()
    tall = x.shape[1] > x.shape[2]
    x = x.mT if tall else x
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(ITERATIONS):
        square = x @ x.mT
        x = A * x + (B * square + C * square @ square) @ x
    return (x.mT if tall else x).to(matrices.dtype)


def make_optimizers(
    model: nn.Module, rate: float, muon_rate: float, processes: Processes | None = None
) -> list[torch.optim.Optimizer]:
    """Muon for the hidden matrices and kernels, Adam for everything else."""
    hidden, others = [], []
    for name, parameter in model.named_parameters():
        at_the_edge = name.startswith(("conv_in", "conv_out", "token", "position"))
        (others if parameter.dim() < 2 or at_the_edge else hidden).append(parameter)
    adam = torch.optim.AdamW(others, lr=rate, betas=(0.9, 0.98), weight_decay=0.0)
    return [Muon(hidden, muon_rate, processes=processes), adam]
