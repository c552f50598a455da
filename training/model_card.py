"""python -m training.model_card: writes a pack's README.md from its files, its checkpoints and its measured numbers."""

import argparse
import json
from pathlib import Path

from training.checkpoint import load_checkpoint
from training.run_folder import add_run_arguments, run_folder

# (gate, key in numbers.json, what it must reach)
GATES = (
    ("the prompt's object named right, first guess", ("prompt", "top1"), "≥ 0.60"),
    ("the prompt's object among five guesses", ("prompt", "top5"), "≥ 0.85"),
    ("the same classifier on artwork in styles it learnt from", ("artwork_seen_styles", "top1"), ""),
    ("the same classifier on artwork in a style it never saw", ("artwork_unseen_style", "top1"), ""),
    ("removal on plain and gradient ground, PSNR inside the mask", ("removal_simple", "psnr"), "≥ 26 dB"),
    ("removal on patterns and landscapes, PSNR inside the mask", ("removal_patterns", "psnr"), ""),
    ("outpainting on plain and gradient ground, PSNR", ("extend", "psnr_simple"), ""),
    ("outpainting on patterns and landscapes, PSNR", ("extend", "psnr_patterns"), ""),
    ("autoencoder at 128 px, unseen style", ("autoencoder", "psnr_128"), "≥ 31 dB"),
    ("autoencoder at 256 px, unseen style", ("autoencoder", "psnr_256"), "≥ 31 dB"),
    ("restyling: the named style recognised", ("restyle", "style"), "≥ 0.70"),
    ("restyling: agreement of edges with the source", ("restyle", "edges"), ""),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_run_arguments(parser)
    parser.add_argument("--pack", required=True)
    parser.add_argument("--numbers", required=True, help="numbers.json of training.evaluate")
    parser.add_argument("--limits", required=True, help="a text file: what the pictures show it cannot do")
    parser.add_argument("--denoiser", default="denoiser")
    parser.add_argument("--started-from", default="nothing", help="what the weights were before this run")
    arguments = parser.parse_args()
    pack, folder = Path(arguments.pack), run_folder(arguments)
    facts = json.loads((pack / "overpaint.json").read_text())
    numbers = json.loads(Path(arguments.numbers).read_text())
    state = load_checkpoint(folder / f"{arguments.denoiser}.pt")
    (pack / "README.md").write_text(
        "\n\n".join(
            (
                f"# Model card: {pack.name}",
                "A small latent-diffusion model trained for this project. It draws simple flat pictures: emoji-like animals, food and "
                "things on plain ground.",
                describe(pack, facts),
                "## How it was trained",
                recipe(state, arguments.started_from),
                "## Measured",
                "On prompts worded as no caption was, and scenes in a style the training never saw (`python -m training.evaluate`).",
                table(numbers),
                "## Limits",
                Path(arguments.limits).read_text().strip(),
            )
        )
        + "\n"
    )


def describe(pack: Path, facts: dict) -> str:
    size = sum(file.stat().st_size for file in pack.rglob("*.onnx")) / 1e6
    defaults = facts["defaults"]
    rows = (
        ("layout", "diffusers ONNX; opset 17, standard operators, dynamic batch, height and width"),
        ("native size", f"{facts['nativeSize']} px; sizes in multiples of 32 px"),
        ("size on disk", f"{size:.0f} MB; weights stored as fp16 and widened when the session is made"),
        ("recommended", f"{defaults['scheduler']}, {defaults['steps']} steps, guidance {defaults['guidanceScale']}"),
        ("licence", f"{facts['licence']}; the training pictures are listed in [ATTRIBUTION.md](ATTRIBUTION.md)"),
    )
    return "| | |\n| --- | --- |\n" + "\n".join(f"| {name} | {value} |" for name, value in rows)


def recipe(state: dict, started_from: str) -> str:
    budget, config = state["budget"], state["config"]
    channels = "/".join(str(count) for count in config["channels"])
    return (
        f"Velocity prediction with min-SNR weights, {budget['samples']:,} samples in {budget['seconds'] / 60:.0f} minutes of wall time, "
        f"from {started_from}. U-Net with {channels} channels. Pictures, captions and masks as in "
        "[training/README.md](../../training/README.md#the-data)."
    )


def table(numbers: dict) -> str:
    rows = []
    for name, (group, key), wanted in GATES:
        if key in numbers.get(group, {}):
            value = numbers[group][key]
            rows.append(f"| {name} | {f'{value:.1f} dB' if 'psnr' in key else f'{value:.2f}'} | {wanted} |")
    return "| | measured | goal |\n| --- | --- | --- |\n" + "\n".join(rows)


if __name__ == "__main__":
    main()
