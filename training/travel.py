"""python -m training.travel: packs what a training goes on from, or has come to, into few and small files, and unpacks it.

For a machine that can be reached for minutes only, by a narrow way: the averaged weights as fp16, without the optimizers'
state, cut into parts, and with `--sprites` the artwork. Weights rounded so are what a pack ships as well.
"""

import argparse
import io
import shutil
from pathlib import Path

import torch
from torch import Tensor

from training.checkpoint import load_checkpoint, save_checkpoint
from training.run_folder import add_run_arguments, run_folder

PART = 15_000_000  # bytes
# What may travel in one way, artwork included.
MOST_BYTES = 60_000_000
KEPT = ("average", "text_average", "config", "text_config")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_run_arguments(parser)
    parser.add_argument("--pack", default=None, help="the folder to pack the run's checkpoints into")
    parser.add_argument("--unpack", default=None, help="the folder to unpack into the run")
    parser.add_argument("--checkpoints", default="denoiser,autoencoder", help="comma-separated names of those to pack")
    parser.add_argument("--sprites", action="store_true", help="pack the artwork, its credits and the vocabulary too")
    arguments = parser.parse_args()
    run = run_folder(arguments)
    if arguments.pack:
        size = pack(run, Path(arguments.pack), arguments.checkpoints.split(","), arguments.sprites)
        print(f"{arguments.pack}: {size / 1e6:.1f} MB")
    if arguments.unpack:
        print(f"{run}: {', '.join(unpack(Path(arguments.unpack), run))}")


def pack(run: Path, out: Path, checkpoints: list[str], sprites: bool = False) -> int:
    """Returns the bytes packed. Raises ValueError where they are more than may travel."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    for name in checkpoints:
        state = load_checkpoint(run / f"{name}.pt")
        stored = io.BytesIO()
        torch.save({key: halved(state[key]) for key in KEPT if key in state}, stored)
        content = stored.getvalue()
        for i, start in enumerate(range(0, len(content), PART)):
            (out / f"{name}.pt.{i}").write_bytes(content[start : start + PART])
    if sprites:
        for file in ("sprites.zip", "ATTRIBUTION.md"):
            shutil.copy(run / file, out / file)
        shutil.copytree(run / "tokenizer", out / "tokenizer")
    size = sum(file.stat().st_size for file in out.rglob("*") if file.is_file())
    if size > MOST_BYTES:
        raise ValueError(
            f"{out} holds {size / 1e6:.1f} MB, of {MOST_BYTES / 1e6:.0f} that may travel: "
            "render fewer concepts or smaller pictures (training.data --concepts, --side, --quality)"
        )
    return size


def unpack(packed: Path, run: Path) -> list[str]:
    """Puts a packed folder's files into a run, where their names are free; returns the names of the checkpoints."""
    names = sorted({file.name.rpartition(".pt.")[0] for file in packed.glob("*.pt.*")})
    for name in names:
        parts = sorted(packed.glob(f"{name}.pt.*"), key=lambda part: int(part.suffix[1:]))
        content = io.BytesIO(b"".join(part.read_bytes() for part in parts))
        if (run / f"{name}.pt").exists():
            raise FileExistsError(f"{run / name}.pt is there already: rename it, or unpack into a run of its own")
        save_checkpoint(run / f"{name}.pt", **widened(torch.load(content, weights_only=True)))
    for file in ("sprites.zip", "ATTRIBUTION.md"):
        if (packed / file).exists() and not (run / file).exists():
            shutil.copy(packed / file, run / file)
    if (packed / "tokenizer").exists() and not (run / "tokenizer").exists():
        shutil.copytree(packed / "tokenizer", run / "tokenizer")
    return names


def halved(state: object) -> object:
    """The same with floating-point tensors in fp16."""
    return converted(state, torch.float32, torch.float16)


def widened(state: dict) -> dict:
    return converted(state, torch.float16, torch.float32)


def converted(state, wanted: torch.dtype, to: torch.dtype):
    if isinstance(state, Tensor):
        return state.to(to) if state.dtype == wanted else state
    return {key: converted(part, wanted, to) for key, part in state.items()} if isinstance(state, dict) else state


if __name__ == "__main__":
    main()
