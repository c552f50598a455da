"""Where a run keeps its data, checkpoints and logs, and the arguments every step shares."""

import argparse
from pathlib import Path


def add_run_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--run", default="training-run", help="the folder for data, checkpoints and logs")
    parser.add_argument("--tiny", action="store_true", help="toy sizes: the whole chain in two minutes, for tests")
    parser.add_argument("--device", default=None, help="cpu or cuda; default: cuda where there is one")
    parser.add_argument("--seed", type=int, default=0)


def run_folder(arguments: argparse.Namespace) -> Path:
    folder = Path(arguments.run)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
