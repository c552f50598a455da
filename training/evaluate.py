"""python -m training.evaluate: measures a pack on prompts, scenes and one illustration style that training never saw."""

import argparse
import json
import time
from pathlib import Path

import torch

from training.data.sprite_cache import SpriteIndex, read_sprite_index
from training.device import training_device
from training.evaluation.classifier import real_artwork_accuracy, train_classifier
from training.evaluation.gates import Outcome, extends_pictures, removes_objects, restyles, says_what_the_prompt_says
from training.evaluation.measures import psnr
from training.evaluation.pack_runner import PackRunner
from training.evaluation.sheet import write_sheet
from training.evaluation.upscaling import UpscalePackRunner, enlarges_artwork
from training.run_folder import add_run_arguments, run_folder
from training.scenes.concept_list import read_concept_list
from training.scenes.held_out import held_out_artwork, held_out_pictures
from training.scenes.sprite_bank import SpriteBank

COMMON_CONCEPTS = Path(__file__).parent / "scenes" / "common-concepts.txt"
PROMPTS = 100
SHEET_WIDTH = 1536  # pixels
# Pictures that upscaling is measured on: artwork as large as it was drawn, and half as large.
ENLARGED_SIDE, TINY_ENLARGED_SIDE = 192, 64
CLASSIFIER_STEPS = 1000
CLASSIFIER_BATCH = 64
# Restyling is judged between the styles whose names every pack knows.
SPOKEN_STYLES = ["3d", "flat", "noto"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_run_arguments(parser)
    parser.add_argument("--pack", required=True, help="the pack's folder")
    parser.add_argument("--out", default=None, help="where numbers and sheets go; default RUN/evaluation/PACK")
    parser.add_argument("--steps", type=int, default=None, help="default: the pack's own")
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--prompts", type=int, default=PROMPTS)
    parser.add_argument("--scenes", type=int, default=24, help="scenes a gate, for the gates without prompts")
    parser.add_argument("--classifier-steps", type=int, default=CLASSIFIER_STEPS)
    arguments = parser.parse_args()
    folder, device = run_folder(arguments), training_device(arguments)
    torch.manual_seed(arguments.seed)
    cache = folder / "sprites.zip"
    index = read_sprite_index(cache)
    common = [concept for concept in read_concept_list(COMMON_CONCEPTS) if concept in index.words]
    if arguments.tiny:
        common = sorted(index.words)
        arguments.prompts, arguments.seeds, arguments.scenes, arguments.classifier_steps = 4, 1, 4, 4

    out = Path(arguments.out) if arguments.out else folder / "evaluation" / Path(arguments.pack).name
    numbers: dict[str, dict[str, float]] = {}

    def record(name: str, outcome: Outcome, tile: int = 128) -> None:
        numbers[name] = outcome.numbers
        if outcome.rows:
            write_sheet(out / f"{name}.png", outcome.rows, outcome.labels, SHEET_WIDTH // tile, tile)
        print(name, {key: round(value, 3) for key, value in outcome.numbers.items()}, flush=True)
        (out / "numbers.json").parent.mkdir(parents=True, exist_ok=True)
        (out / "numbers.json").write_text(json.dumps(numbers, indent=2))

    if is_upscaler(Path(arguments.pack)):
        size = TINY_ENLARGED_SIDE if arguments.tiny else ENLARGED_SIDE
        pictures = held_out_artwork(cache, arguments.scenes, size, torch.device("cpu"))
        record("enlarge", enlarges_artwork(UpscalePackRunner(Path(arguments.pack)), pictures), size)
        return

    runner = PackRunner(Path(arguments.pack))
    bank = SpriteBank(cache, paired_styles(index, common), common, "cpu", side=96)
    unseen = SpriteBank(cache, index.held_out_styles, common, "cpu", side=runner.largest_size)
    classifier = train_classifier(bank, folder / "classifier.pt", arguments.classifier_steps, CLASSIFIER_BATCH, device).cpu()
    named_styles = [style for style in SPOKEN_STYLES if style in bank.styles]
    spoken = SpriteBank(cache, named_styles, common, "cpu", side=runner.largest_size)

    for name, artwork in (("artwork_seen_styles", bank), ("artwork_unseen_style", unseen)):
        top1, top5 = real_artwork_accuracy(classifier, artwork, bank.concepts)
        record(name, Outcome({"top1": top1, "top5": top5}))
    steps = arguments.steps
    asked = evenly(common, arguments.prompts)
    record("autoencoder", autoencoder_quality(runner, cache, 4 if arguments.tiny else 32))
    record("removal_simple", removes_objects(runner, unseen, arguments.scenes, True, steps))
    record("removal_patterns", removes_objects(runner, unseen, arguments.scenes, False, steps))
    record("extend", extends_pictures(runner, unseen, arguments.scenes, steps))
    record("restyle", restyles(runner, classifier, spoken, bank.styles, evenly(common, arguments.scenes), steps))
    record("prompt", says_what_the_prompt_says(runner, classifier, bank, asked, arguments.seeds, steps))
    record("speed", speed(runner, steps))


def is_upscaler(pack: Path) -> bool:
    return "Upscale" in json.loads((pack / "model_index.json").read_text())["_class_name"]


def paired_styles(index: SpriteIndex, concepts: list[str]) -> list[str]:
    """The styles in colour that draw at least half of the concepts, so that the judge learns each in several styles."""
    drawn = {(sprite.style, sprite.concept) for sprite in index.sprites}
    styles = {sprite.style for sprite in index.sprites} - set(index.held_out_styles) - set(index.monochrome_styles)
    return sorted(style for style in styles if 2 * sum((style, concept) in drawn for concept in concepts) >= len(concepts))


def evenly(items: list[str], count: int) -> list[str]:
    """`count` items spread over the whole list."""
    return [items[i * len(items) // count] for i in range(min(count, len(items)))]


def autoencoder_quality(runner: PackRunner, cache: Path, count: int) -> Outcome:
    """At the sizes pictures are composed and refined at, on the held-out style."""
    numbers, rows = {}, []
    for size in sorted({runner.native_size, runner.largest_size}):
        pictures = held_out_pictures(cache, count, size, torch.device("cpu"))
        restored = torch.cat([runner.decode(runner.encode(part)) for part in pictures.split(8)])
        numbers[f"psnr_{size}"] = psnr(restored, pictures).mean().item()
        rows = [list(pictures), list(restored)]
    return Outcome(numbers, rows, [""] * len(rows[0]))


def speed(runner: PackRunner, steps: int | None) -> Outcome:
    """One 256 px edit, encode to decode, on the threads the runner has, without the engine around it."""
    picture, mask = torch.zeros(1, 3, 256, 256), torch.ones(1, 1, 256, 256)
    runner.repaint(picture, mask, ["a cat"], 0, 2)
    started = time.perf_counter()
    runner.repaint(picture, mask, ["a cat"], 0, steps)
    return Outcome({"seconds_256": time.perf_counter() - started})


if __name__ == "__main__":
    main()
