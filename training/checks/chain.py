"""The chain from data to an edited picture. Fetches packages from the npm registry; needs `npm run build`."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

REPOSITORY = Path(__file__).parents[2]


def the_tiny_chain_ends_in_an_edited_picture() -> None:
    """Every command once, at toy size, and an edit with the packs that come out."""
    with tempfile.TemporaryDirectory() as folder:
        run = str(Path(folder) / "run")
        pack = str(Path(folder) / "tiny")
        sizes = ["--native-size", "64", "--largest-size", "96"]
        for command in (
            ["data"], ["train_vae"], ["train_denoiser", "--processes", "2", "--refine-size", "160"], ["train_wordings"],
            ["distill", "--processes", "2", "--refine-size", "160"], ["train_upscaler"],
            ["figures", "--out", f"{folder}/figures"],
            ["export", "--out", pack, "--denoiser", "denoiser-worded", *sizes, "--steps", "4"],
            ["export", "--out", f"{folder}/fast", "--denoiser", "denoiser-fast", *sizes, "--steps", "4",
             "--guidance", "1", "--sampler", "ddim", "--weights", "int8", "--borrow", "tiny"],
            ["export", "--out", f"{folder}/upscale", "--upscaler", "upscaler", "--steps", "4"],
            ["evaluate", "--pack", pack], ["evaluate", "--pack", f"{folder}/upscale"],
        ):  # fmt: skip
            done = subprocess.run(
                [sys.executable, "-m", f"training.{command[0]}", "--run", run, "--tiny", *command[1:]],
                cwd=REPOSITORY,
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, f"{command}: {done.stderr[-2000:]}"
        facts = json.loads((Path(pack) / "overpaint.json").read_text())
        assert (facts["nativeSize"], facts["largestSize"]) == (64, 96), facts
        assert (Path(pack) / "ATTRIBUTION.md").exists()
        edit_with_the_command_line(Path(folder), pack)
        edit_with_the_command_line(Path(folder), f"{folder}/fast")


def edit_with_the_command_line(folder: Path, pack: str) -> None:
    """`npx overpaint inpaint` with the tiny pack, where the project has been built."""
    main = REPOSITORY / "dist" / "companion-server" / "main.js"
    assert main.exists(), "run `npm run build` first: the chain ends with an edit through the command line"
    Image.new("RGB", (100, 80), (90, 160, 220)).save(folder / "in.png")
    mask = Image.new("L", (100, 80), 0)
    mask.paste(255, (30, 20, 70, 60))
    mask.save(folder / "mask.png")
    command = [
        "node",
        str(main),
        "inpaint",
        str(folder / "in.png"),
        "--mask",
        str(folder / "mask.png"),
        "--prompt",
        "a dog",
        "--model",
        pack,
        "-o",
        str(folder / "out.png"),
    ]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    source, result = (np.asarray(Image.open(folder / name).convert("RGB")) for name in ("in.png", "out.png"))
    assert (
        result.shape == source.shape
        and (result[:5] == source[:5]).all()
        and (result[30:50, 40:60] != source[30:50, 40:60]).any()
    )


CHECKS = (the_tiny_chain_ends_in_an_edited_picture,)
