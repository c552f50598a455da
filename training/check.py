"""python -m training.check: the training code's own tests. Two minutes on two cores; needs the packages in requirements.txt.

--fast leaves out the chain from data to an edited picture, which fetches packages from the npm registry.
"""

import argparse
import sys
import traceback
from collections.abc import Callable

import torch

from training.checks import chain, data, diffusion, first_tries, networks, packs, processes, runs, scenes, upscaling, wordings

FAST: tuple[Callable[[], None], ...] = tuple(
    check
    for subject in (diffusion, networks, upscaling, data, scenes, first_tries, wordings, processes, runs, packs)
    for check in subject.CHECKS
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fast", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    failed = 0
    for check in FAST if arguments.fast else (*FAST, *chain.CHECKS):
        try:
            check()
            print(f"ok    {check.__name__.replace('_', ' ')}", flush=True)
        except Exception:
            failed += 1
            print(f"FAIL  {check.__name__.replace('_', ' ')}\n{traceback.format_exc()}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
