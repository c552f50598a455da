"""python -m training.evaluate: measures a pack on prompts, scenes and one illustration style that training never saw."""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import torch

from training.data.known import require_known
from training.data.sprite_cache import SpriteIndex, read_sprite_index
from training.device import training_device
from training.evaluation.classifier import Classifier, real_artwork_accuracy, train_classifier
from training.evaluation.first_tries import suggested, tries_hit
from training.evaluation.gates import Outcome, extends_pictures, removes_objects, restyles, says_what_the_prompt_says
from training.evaluation.measures import psnr
from training.evaluation.pack_runner import PackRunner
from training.evaluation.sheet import write_sheet
from training.evaluation.upscaling import UpscalePackRunner, enlarges_artwork, enlarges_fills
from training.run_folder import add_run_arguments, run_folder
from training.scenes.concept_list import read_concept_list
from training.scenes.first_tries import concepts_of, read_first_tries
from training.scenes.held_out import held_out_artwork, held_out_pictures
from training.scenes.sprite_bank import SpriteBank

COMMON_CONCEPTS = Path(__file__).parent / "scenes" / "common-concepts.txt"
PROMPTS = 100
# Pictures that restyling is measured on, and those that earlier starters were chosen with, which are no measure any more.
RESTYLED, TUNED_WITH = 60, 24
SHEET_WIDTH = 1536  # pixels
# Removal on patterns is right to 35 dB or wrong to 10: the mean of 24 scenes strays by 1.5 dB.
SCENES = 96
# What a pack suggests has to be right nine times in ten, where the panel suggests it.
EXAMPLE_SEEDS = 10
SHOWN_WHOLE = ("first_tries", "prompt")
# Pictures that upscaling is measured on: artwork as large as it was drawn, and half as large.
ENLARGED_SIDE, TINY_ENLARGED_SIDE = 192, 64
FILLS = 12
CLASSIFIER_STEPS = 2000
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
    parser.add_argument("--scenes", type=int, default=SCENES, help="scenes a gate, for the gates without prompts")
    parser.add_argument("--restyled", type=int, default=RESTYLED, help="pictures to restyle, none of those it was tuned with")
    parser.add_argument("--only", default=None, help="comma-separated gates, by their names in numbers.json; default all")
    parser.add_argument("--composed", action="store_true", help="judge prompts as composed, not refined: a third of the time")
    parser.add_argument("--drawn-by", default=None, help="for an upscaler: the pack whose drawings it is to enlarge too")
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
        arguments.restyled = 4
    # Only what the run's artwork shows can be judged.
    tries = [each for each in read_first_tries() if each.concepts[0] in index.words]
    judged = list(dict.fromkeys([*common, *(concept for concept in concepts_of(tries) if concept in index.words)]))

    out = Path(arguments.out) if arguments.out else folder / "evaluation" / Path(arguments.pack).name
    measured = out / "numbers.json"
    numbers: dict[str, dict[str, float]] = json.loads(measured.read_text()) if arguments.only and measured.exists() else {}

    def record(name: str, outcome: Outcome, tile: int = 128) -> None:
        numbers[name] = outcome.numbers
        if outcome.by_prompt:
            numbers[f"{name}_by_prompt"] = outcome.by_prompt
        if outcome.rows:
            write_sheet(out / f"{name}.png", outcome.rows, outcome.labels, SHEET_WIDTH // tile, tile, whole=name in SHOWN_WHOLE)
        print(name, {key: round(value, 3) for key, value in outcome.numbers.items()}, flush=True)
        out.mkdir(parents=True, exist_ok=True)
        measured.write_text(json.dumps(numbers, indent=2))

    if is_upscaler(Path(arguments.pack)):
        size = TINY_ENLARGED_SIDE if arguments.tiny else ENLARGED_SIDE
        pictures = held_out_artwork(cache, arguments.scenes, size, torch.device("cpu"))
        upscaler = UpscalePackRunner(Path(arguments.pack))
        if arguments.only != "fills":
            record("enlarge", enlarges_artwork(upscaler, pictures), size)
        if arguments.drawn_by:
            drawer = PackRunner(Path(arguments.drawn_by))
            side = TINY_ENLARGED_SIDE if arguments.tiny else 2 * drawer.largest_size
            pictures = held_out_artwork(cache, min(FILLS, arguments.scenes), side, torch.device("cpu"))
            record("fills", enlarges_fills(upscaler, drawer, pictures), size)
        return

    runner = PackRunner(Path(arguments.pack))
    bank = SpriteBank(cache, paired_styles(index, common), judged, "cpu", side=96)
    unseen = SpriteBank(cache, index.held_out_styles, common, "cpu", side=runner.largest_size)
    classifier = train_classifier(bank, folder / "classifier.pt", arguments.classifier_steps, CLASSIFIER_BATCH, device).cpu()
    named_styles = [style for style in SPOKEN_STYLES if style in bank.styles]
    spoken = SpriteBank(cache, named_styles, common, "cpu", side=runner.largest_size)

    steps = arguments.steps
    asked, tuned_with = evenly(common, arguments.prompts), set(evenly(common, TUNED_WITH))
    drawn = {(sprite.concept, sprite.style) for sprite in spoken.sprites}
    in_all = [concept for concept in common if all((concept, style) in drawn for style in spoken.styles)]
    restyled = evenly([c for c in in_all if arguments.tiny or c not in tuned_with], arguments.restyled)
    gates: dict[str, Callable[[], Outcome]] = {
        "artwork_seen_styles": lambda: artwork_named(classifier, bank, bank.concepts),
        "artwork_unseen_style": lambda: artwork_named(classifier, unseen, bank.concepts),
        "first_tries": lambda: tries_hit(runner, classifier, bank, tries, arguments.seeds, steps, not arguments.composed),
        "prompt": lambda: says_what_the_prompt_says(
            runner, classifier, bank, asked, common, arguments.seeds, steps, not arguments.composed
        ),
        "removal_simple": lambda: removes_objects(runner, unseen, arguments.scenes, True, steps),
        "removal_patterns": lambda: removes_objects(runner, unseen, arguments.scenes, False, steps),
        "extend": lambda: extends_pictures(runner, unseen, arguments.scenes, steps),
        "restyle": lambda: restyles(runner, classifier, spoken, bank.styles, restyled, steps),
        "autoencoder": lambda: autoencoder_quality(runner, cache, 4 if arguments.tiny else 32),
        "speed": lambda: speed(runner, steps),
    }
    if runner.examples:
        gates["examples"] = lambda: tries_hit(
            runner, classifier, bank, suggested(runner.examples, tries), EXAMPLE_SEEDS, steps, not arguments.composed, "samples"
        )
    wanted = arguments.only.split(",") if arguments.only else list(gates)
    require_known("gates", wanted, gates)
    for name in wanted:
        record(name, gates[name]())


def artwork_named(classifier: Classifier, bank: SpriteBank, concepts: list[str]) -> Outcome:
    """How good the judge itself is: its verdicts on what artists drew."""
    top1, top5 = real_artwork_accuracy(classifier, bank, concepts)
    return Outcome({"top1": top1, "top5": top5})


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
