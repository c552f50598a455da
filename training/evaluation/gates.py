"""What a pack is measured by: each gate makes its scenes from a fixed seed, runs the pack, and returns numbers and pictures."""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from training.evaluation.classifier import Classifier, cut_out, hits
from training.evaluation.measures import edge_agreement, masked_psnr, seam
from training.evaluation.pack_runner import PackRunner
from training.scenes import masks
from training.scenes.captions import with_article
from training.scenes.compose import over
from training.scenes.dice import Dice
from training.scenes.grounds import draw_grounds, pixel_grid
from training.scenes.sprite_bank import SpriteBank

# How prompts are worded: not one of these is a training caption.
WORDINGS = ("{thing} please", "I want {thing} here", "put {thing}", "{thing}, sticker", "a small {bare}")


@dataclass
class Outcome:
    numbers: dict[str, float]
    rows: list[list[Tensor]] = field(default_factory=list)  # each picture [3, size, size] in −1..1
    labels: list[str] = field(default_factory=list)
    by_prompt: dict[str, float] = field(default_factory=dict)  # how often each was right: what may be suggested to people


def grounds_of(dice: Dice, count: int, size: int, simple: bool) -> Tensor:
    """[count, 3, size, size] in −1..1."""
    found: list[Tensor] = []
    while sum(len(part) for part in found) < count:
        grounds = draw_grounds(dice, 64, size)
        kept = [is_simple_ground(name) == simple for name in grounds.names]
        found.append(grounds.pictures[torch.tensor(kept)])
    return torch.cat(found)[:count] * 2 - 1


def is_simple_ground(name: str) -> bool:
    return name.endswith(" background") and not name.startswith("a blurred") or name.startswith("a gradient")


def says_what_the_prompt_says(
    runner: PackRunner, classifier: Classifier, bank: SpriteBank, concepts: list[str], known: list[str], seeds: int,
    steps: int | None, refined: bool = True,
) -> Outcome:  # fmt: skip
    """The classifier names the inpainted object. `concepts`: the keys asked for, one prompt each. `known`: all it may name."""
    size, dice = runner.largest_size if refined else runner.native_size, Dice(11, "cpu")
    grounds = grounds_of(dice, len(concepts), size, simple=True)
    half = torch.full((len(concepts), 2), 0.72)
    areas = masks.box(dice, torch.zeros(len(concepts), 2), half, size)
    bare = [bank.words[c].label.removesuffix(" face") for c in concepts]
    prompts = [WORDINGS[i % len(WORDINGS)].format(thing=with_article(name), bare=name) for i, name in enumerate(bare)]
    wanted = torch.tensor([bank.concepts.index(c) for c in concepts])
    unasked = torch.tensor([concept not in known for concept in bank.concepts])
    first, five, rows = [], [], []
    for seed in range(seeds):
        results = in_batches(
            lambda part: runner.edit(grounds[part], areas[part], [prompts[i] for i in part], seed, steps), len(concepts)
        )
        with torch.no_grad():
            scores, _ = classifier(torch.cat([cut_out(picture, area) for picture, area in zip(results, areas)]))
        for found, all_found in zip(hits(scores.masked_fill(unasked, -torch.inf), wanted), (first, five)):
            all_found.append(found)
        rows.append(list(results))
    shares = torch.stack(first).float().mean(dim=0)
    numbers = {"top1": torch.stack(first).float().mean().item(), "top5": torch.stack(five).float().mean().item()}
    labels = [f"{prompt} {round(share * seeds)}/{seeds}" for prompt, share in zip(prompts, shares.tolist())]
    return Outcome(numbers, rows, labels)


def removes_objects(runner: PackRunner, bank: SpriteBank, count: int, simple: bool, steps: int | None) -> Outcome:
    """An object over a known ground, masked by a brush with some room, empty prompt. Removals are not refined."""
    size, dice = runner.native_size, Dice(12, "cpu")
    truths = grounds_of(dice, count, size, simple)
    centres, sizes = dice.uniform(count, 2, low=-0.35, high=0.35), dice.uniform(count, low=0.35, high=0.5)
    sprites = bank.place(
        dice.integers(count, len(bank.sprites)), centres, sizes, torch.zeros(count), torch.zeros(count, dtype=torch.bool), size
    )
    sources = over(sprites, (truths + 1) / 2) * 2 - 1
    areas = torch.maximum(
        masks.brush(dice, centres, sizes[:, None].expand(-1, 2) * 1.15, size), masks.outline(sprites[:, 3:], dice)
    )
    results = in_batches(lambda part: runner.repaint(sources[part], areas[part], [""] * len(part), 5, steps), count)
    results = sources * (1 - areas) + results * areas
    quality = torch.tensor([masked_psnr(r, t, m) for r, t, m in zip(results, truths, areas)])
    seams = torch.tensor([seam(r, m) for r, m in zip(results, areas)])
    numbers = {"psnr": quality.mean().item(), "psnr_median": quality.median().item(), "seam": seams.mean().item()}
    return Outcome(numbers, [list(sources), list(results)], [f"{q:.1f} dB" for q in quality.tolist()])


def extends_pictures(runner: PackRunner, bank: SpriteBank, count: int, steps: int | None) -> Outcome:
    """Outpainting: the right 30 % of the canvas are new."""
    size, dice = runner.largest_size, Dice(13, "cpu")
    half = count // 2
    grounds = torch.cat([grounds_of(dice, half, size, True), grounds_of(dice, count - half, size, False)])
    centres = torch.stack([torch.full((count,), -0.35), dice.uniform(count, low=-0.3, high=0.3)], dim=1)
    sprites = bank.place(
        dice.integers(count, len(bank.sprites)),
        centres,
        torch.full((count,), 0.5),
        torch.zeros(count),
        torch.zeros(count, dtype=torch.bool),
        size,
    )
    sources = over(sprites, (grounds + 1) / 2) * 2 - 1
    x, _ = pixel_grid(size, sources.device)
    areas = (x > 0.4)[:, None].float().expand(count, 1, size, size)
    results = in_batches(lambda part: runner.edit(sources[part], areas[part], [""] * len(part), 6, steps), count)
    results = sources * (1 - areas) + results * areas
    seams = torch.tensor([seam(r, m) for r, m in zip(results, areas)])
    quality = torch.tensor([masked_psnr(r, t, m) for r, t, m in zip(results, sources, areas)])
    numbers = {
        "seam": seams.mean().item(),
        "psnr_simple": quality[:half].mean().item(),
        "psnr_patterns": quality[half:].mean().item(),
    }
    return Outcome(numbers, [list(sources * (1 - areas)), list(results)], [f"seam {s:.2f}" for s in seams.tolist()])


def restyles(
    runner: PackRunner, classifier: Classifier, bank: SpriteBank, styles: list[str], concepts: list[str], steps: int | None
) -> Outcome:
    """A picture in one of the bank's styles, a preset asks for another, strength 0.7. `styles`: by the classifier's numbers.

    How well the judge tells styles apart shows in `artwork`: its verdict on the same things as artists drew them in that style.
    The `named` shares, and those by style, let it choose among the bank's styles only, the ones a prompt can name.
    """
    size, dice, count = runner.native_size, Dice(14, "cpu"), len(concepts)
    grounds = grounds_of(dice, count, size, simple=True)
    numbers_of = {(s.concept, s.style): i for i, s in enumerate(bank.sprites)}
    spoken = [style for style in bank.styles if all((c, style) in numbers_of for c in concepts)]
    sources_in = [spoken[i % len(spoken)] for i in range(count)]
    targets = [spoken[(i + 1) % len(spoken)] for i in range(count)]

    def drawn_in(of_each: list[str]) -> Tensor:
        chosen = torch.tensor([numbers_of[c, s] for c, s in zip(concepts, of_each)])
        upright, sizes = torch.zeros(count), torch.full((count,), 0.75)
        sprites = bank.place(chosen, torch.zeros(count, 2), sizes, upright, upright.bool(), size)
        return over(sprites, (grounds + 1) / 2) * 2 - 1

    sources = drawn_in(sources_in)
    presets = [runner.preset(style) for style in targets]
    things = [with_article(bank.words[c].label.removesuffix(" face")) for c in concepts]
    prompts = [preset.template.format(prompt=thing) for preset, thing in zip(presets, things)]
    whole = torch.ones(count, 1, size, size)
    results = in_batches(
        lambda part: runner.repaint(
            sources[part], whole[part], [prompts[i] for i in part], 7, steps, strength=0.7,
            negatives=[presets[i].negative for i in part],
        ),
        count,
    )  # fmt: skip
    middle = masks.box(dice, torch.zeros(count, 2), torch.full((count, 2), 0.8), size)
    wanted = torch.tensor([styles.index(style) for style in targets])
    unnamed = torch.tensor([style not in spoken for style in styles])

    @torch.no_grad()
    def recognised(pictures: Tensor, name: str) -> dict[str, float]:
        _, scores = classifier(torch.cat([cut_out(picture, area) for picture, area in zip(pictures, middle)]))
        among_named = scores.masked_fill(unnamed, -torch.inf)
        right, right_named = scores.argmax(dim=1) == wanted, among_named.argmax(dim=1) == wanted
        by_style = {f"{name}_{styles[style]}": right_named[wanted == style] for style in wanted.unique().tolist()}
        shares = {name: right, f"{name}_named": right_named} | by_style
        return {key: hit.float().mean().item() for key, hit in shares.items()}

    agreement = torch.tensor([edge_agreement(r, s) for r, s in zip(results, sources)])
    numbers = recognised(results, "style") | recognised(drawn_in(targets), "artwork") | recognised(sources, "untouched")
    numbers["edges"] = agreement.mean().item()
    return Outcome(numbers, [list(sources), list(results)], prompts)


def in_batches(run: Callable[[list[int]], Tensor], count: int, batch: int = 10) -> Tensor:
    return torch.cat([run(list(range(start, min(start + batch, count)))) for start in range(0, count, batch)])
