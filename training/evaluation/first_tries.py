"""The first gate: what people type first, on the grounds they type it on, as a classifier names it."""

from collections.abc import Callable

import torch
from torch import Tensor

from training.data.known import require_known
from training.evaluation.classifier import Classifier, cut_out
from training.evaluation.gates import Outcome, in_batches
from training.evaluation.pack_runner import PackRunner
from training.evaluation.use_grounds import UseGround, fitted_artwork, use_grounds
from training.scenes.first_tries import FirstTry
from training.scenes.sprite_bank import SpriteBank

# Neighbours in the list meet neighbouring grounds; another seed meets others.
SEED_STEP = 11


def tries_hit(
    runner: PackRunner, classifier: Classifier, bank: SpriteBank, tries: list[FirstTry], seeds: int, steps: int | None,
    refined: bool = True, kind: str | None = None,
) -> Outcome:  # fmt: skip
    """Each prompt once a seed, each time on another ground. `bank`: the classifier's concepts, and artwork to compare with.

    `artwork`: what the judge says of pictures that artists drew, laid on the same grounds. `refined`: False measures what is
    composed, at a third of the time. `kind`: of the grounds to draw on; all of them where it is not said.
    """
    size = runner.largest_size if refined else runner.native_size
    grounds = [ground for ground in use_grounds(bank, size) if kind in (None, ground.kind)]
    numbers_of = {sprite.concept: i for i, sprite in reversed(list(enumerate(bank.sprites)))}
    rights = [torch.tensor([bank.concepts.index(c) for c in each.concepts if c in numbers_of]) for each in tries]
    found: list[tuple[int, str, bool, bool]] = []  # prompt, ground, right at first, among five
    artwork: list[tuple[bool, bool]] = []
    rows = []
    for seed in range(seeds):
        on = [grounds[(i + SEED_STEP * seed) % len(grounds)] for i in range(len(tries))]
        results = drawn_on(runner, on, [each.prompt for each in tries], seed, steps)
        for i, (ground, verdict) in enumerate(zip(on, judged(classifier, results, on, rights))):
            found.append((i, ground.kind, *verdict))
        wanted = [numbers_of[next(c for c in each.concepts if c in numbers_of)] for each in tries]
        artwork += judged(classifier, [fitted_artwork(bank, n, ground) for n, ground in zip(wanted, on)], on, rights)
        rows.append(list(results))
    kinds = sorted({kind for _, kind, _, _ in found})
    numbers = {
        "top1": share([first for _, _, first, _ in found]),
        "top5": share([five for _, _, _, five in found]),
        "artwork_top1": share([first for first, _ in artwork]),
        "artwork_top5": share([five for _, five in artwork]),
    } | {f"{kind}_top1": share([first for _, of, first, _ in found if of == kind]) for kind in kinds}
    by_prompt = {each.prompt: share([first for prompt, _, first, _ in found if prompt == i]) for i, each in enumerate(tries)}
    labels = [f"{prompt} {round(right * seeds)}/{seeds}" for prompt, right in by_prompt.items()]
    return Outcome(numbers, rows, labels, by_prompt)


def suggested(examples: list[str], tries: list[FirstTry]) -> list[FirstTry]:
    """What a pack suggests, with the answers that are right. Raises ValueError where nobody knows what is."""
    known = {each.prompt: each for each in tries}
    require_known("examples", examples, known)
    return [known[example] for example in examples]


def drawn_on(runner: PackRunner, grounds: list[UseGround], prompts: list[str], seed: int, steps: int | None) -> Tensor:
    """[prompts, 3, size, size], what was not masked as it was."""
    pictures, areas = (torch.stack(part) for part in zip(*((ground.picture, ground.mask) for ground in grounds)))
    results = in_batches(
        lambda part: runner.edit(pictures[part], areas[part], [prompts[i] for i in part], seed, steps), len(prompts)
    )
    return results * areas + pictures * (1 - areas)


@torch.no_grad()
def judged(
    classifier: Callable[[Tensor], tuple[Tensor, Tensor]],
    pictures: Tensor | list[Tensor],
    grounds: list[UseGround],
    rights: list[Tensor],
) -> list[tuple[bool, bool]]:
    """Whether any right answer is the judge's first, and whether one is among its first five."""
    scores, _ = classifier(torch.cat([cut_out(picture, ground.mask) for picture, ground in zip(pictures, grounds)]))
    best = scores.topk(min(5, scores.shape[1]), dim=1).indices
    return [(bool(torch.isin(five[:1], right).any()), bool(torch.isin(five, right).any())) for five, right in zip(best, rights)]


def share(verdicts: list[bool]) -> float:
    return sum(verdicts) / max(1, len(verdicts))
