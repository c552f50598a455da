"""python -m training.keep_share: adds a share of what a training changed to weights from before it, or to others.

A last, short training teaches something and takes something away. Between the weights before and after it lie some that
have most of both (Wortsman et al. 2022, arXiv:2109.01903). And what a teacher learnt can be handed on to its student, as a
first step, by the same arithmetic (Ilharco et al. 2023, arXiv:2212.04089): weights + share · (after − before).
"""

import argparse

from torch import Tensor

from training.checkpoint import load_checkpoint, save_checkpoint
from training.run_folder import add_run_arguments, run_folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_run_arguments(parser)
    parser.add_argument("--before", required=True, help="the denoiser checkpoint's name in the run folder")
    parser.add_argument("--after", required=True, help="the one that a training made of it")
    parser.add_argument("--share", type=float, required=True, help="of the change: 0 = none, 1 = all")
    parser.add_argument("--onto", default=None, help="what the change is added to; default: the weights before it")
    parser.add_argument("--name", required=True, help="the new checkpoint's")
    arguments = parser.parse_args()
    folder = run_folder(arguments)
    before, after, onto = (
        load_checkpoint(folder / f"{name}.pt")
        for name in (arguments.before, arguments.after, arguments.onto or arguments.before)
    )
    kept = {
        part: {
            "steps": onto[part]["steps"],
            "weights": keep_share(*(state[part]["weights"] for state in (onto, before, after)), arguments.share),
        }
        for part in ("average", "text_average")
    }
    save_checkpoint(folder / f"{arguments.name}.pt", config=onto["config"], text_config=onto["text_config"], **kept)
    print(folder / f"{arguments.name}.pt")


def keep_share(onto: dict[str, Tensor], before: dict[str, Tensor], after: dict[str, Tensor], share: float) -> dict[str, Tensor]:
    """Raises ValueError where the three are not of one network."""
    sizes = [{name: value.shape for name, value in weights.items()} for weights in (onto, before, after)]
    if sizes[0] != sizes[1] or sizes[0] != sizes[2]:
        raise ValueError("these checkpoints are of different networks; a change fits only the network it was made of")
    return {name: value.float() + share * (after[name].float() - before[name].float()) for name, value in onto.items()}


if __name__ == "__main__":
    main()
