"""Checks of what people type first: that it is drawn as often as asked, called what they call it, and judged fairly."""

import argparse
import tempfile
from collections import Counter
from pathlib import Path

import torch
from torch import Tensor

from training.checkpoint import load_checkpoint, save_checkpoint
from training.checks.discs import DISCS, disc_bank, write_discs
from training.evaluation.first_tries import judged
from training.evaluation.use_grounds import PAINTED, SAMPLES, UseGround, fitted_artwork, use_grounds
from training.scenes.artwork import read_artwork
from training.scenes.captions import Captions
from training.scenes.dice import Dice
from training.scenes.first_tries import FirstTry, concepts_of, names_people_use, practice_of, read_first_tries, read_right
from training.scenes.sprite_bank import Emphasis, SpriteBank
from training.scenes.wordings import STYLE_PRESETS
from training.travel import pack, unpack

TRIES = [FirstTry("a big coin", ("coin", "ball")), FirstTry("ball", ("ball",))]


def a_hundred_first_tries_are_listed_each_once() -> None:
    tries = read_first_tries()
    assert len(tries) == 100 == len({each.prompt for each in tries})
    assert all(each.concepts and len(set(each.concepts)) == len(each.concepts) for each in tries)
    assert concepts_of(TRIES) == ["coin", "ball"]
    assert names_people_use(TRIES) == {"coin": ("big coin",), "ball": ("ball",)}


def what_is_emphasised_is_drawn_as_often_as_asked() -> None:
    with tempfile.TemporaryDirectory() as name:
        write_discs(Path(name))
        emphasis = Emphasis({"coin": 1.0, "nowhere": 1.0}, 0.5, ("plain",), 0.25)
        bank = SpriteBank(Path(name) / "sprites.zip", ["plain", "other"], None, "cpu", emphasis=emphasis)
    drawn = [bank.sprites[number] for number in bank.draw(Dice(1, "cpu"), 8000).tolist()]
    concepts, styles = Counter(s.concept for s in drawn), Counter(s.style for s in drawn)
    assert abs(concepts["coin"] / 8000 - (0.5 + 0.5 / len(DISCS))) < 0.03, concepts
    assert abs(styles["plain"] / 8000 - 0.8) < 0.03, styles


def what_was_wrong_is_practised_more_than_what_was_right() -> None:
    for right, needs in ((None, (2 / 3, 1 / 3 + 1)), ({"a big coin": 0.25, "ball": 1.0}, (0.5, 0.25 + 0.1))):
        practice = practice_of(TRIES, right)
        assert all(abs(practice[key] - need) < 1e-9 for key, need in zip(("coin", "ball"), needs)), practice
    with tempfile.TemporaryDirectory() as name:
        write_discs(Path(name))
        emphasis = Emphasis({"coin": 3.0, "ball": 1.0}, 0.8)
        bank = SpriteBank(Path(name) / "sprites.zip", ["plain", "other"], None, "cpu", emphasis=emphasis)
        (Path(name) / "numbers.json").write_text('{"first_tries": {"top1": 0.5}}')
        try:
            read_right(Path(name) / "numbers.json")
        except ValueError as error:
            assert "--only first_tries" in str(error)
        else:
            raise AssertionError("accepted")
    drawn = Counter(bank.sprites[number].concept for number in bank.draw(Dice(1, "cpu"), 8000).tolist())
    for key, share in (("coin", 0.6), ("ball", 0.2)):
        assert abs(drawn[key] / 8000 - (share + 0.2 / len(DISCS))) < 0.03, drawn


def practice_without_a_share_is_refused() -> None:
    try:
        read_artwork(argparse.Namespace(practise="numbers.json", first_tries=0.0), Path(), torch.device("cpu"))
    except ValueError as error:
        assert "--first-tries" in str(error)
    else:
        raise AssertionError("accepted")


def without_emphasis_every_picture_is_drawn_alike() -> None:
    with disc_bank() as bank:
        assert torch.allclose(bank.chances, torch.full((len(bank.sprites),), 1 / len(bank.sprites)))


def captions_say_what_people_ask_for_and_never_leave_a_minor_style_unsaid() -> None:
    with disc_bank() as bank:
        captions = Captions(bank.words, bank.concepts, 3, names_people_use(TRIES), {"other"})
    said = [captions.thing("coin", style) for style in ("plain", "other") for _ in range(200)]
    assert 0.25 < sum("big coin" in text for text in said) / len(said) < 0.55
    assert all("other" in text for text in said[200:]) and not all("plain" in text for text in said[:200])


def every_use_ground_has_a_mask_and_something_around_it() -> None:
    with disc_bank() as bank:
        grounds, again = use_grounds(bank, 64), use_grounds(bank, 64)
    assert {painted.sample for painted in PAINTED} == {f.name for f in SAMPLES.iterdir() if f.suffix in (".png", ".jpg")}
    for ground, other in zip(grounds, again):
        assert torch.equal(ground.picture, other.picture) and torch.equal(ground.mask, other.mask)
        assert ground.picture.abs().max() <= 1 and 0.03 < ground.mask.mean() < 0.75, (ground.kind, ground.mask.mean())


def artwork_is_laid_where_the_mask_lies() -> None:
    mask = torch.zeros(1, 64, 64)
    mask[:, 10:30, 20:60] = 1
    ground = UseGround("patterns", torch.full((3, 64, 64), 0.5), mask)
    with disc_bank() as bank:
        laid = fitted_artwork(bank, 0, ground)
    changed = ((laid - ground.picture).abs().amax(dim=0) > 0.1).nonzero()
    (top, left), (bottom, right) = changed.amin(dim=0).tolist(), changed.amax(dim=0).tolist()
    assert 10 <= top < 13 and 27 < bottom < 30 and 28 < left < 33 and 47 < right < 52, (top, bottom, left, right)


def any_right_answer_counts() -> None:
    def judge(crops: Tensor) -> tuple[Tensor, Tensor]:
        scores = torch.arange(8.0).flip(0).repeat(len(crops), 1)  # 0 first, 7 last
        return scores, scores

    ground = UseGround("patterns", torch.zeros(3, 16, 16), torch.ones(1, 16, 16))
    rights = [torch.tensor([5, 0]), torch.tensor([4, 7]), torch.tensor([6])]
    assert judged(judge, [ground.picture] * 3, [ground] * 3, rights) == [(True, True), (False, True), (False, False)]


def presets_are_measured_as_they_are_offered() -> None:
    presets = (SAMPLES.parents[2] / "shared" / "protocol" / "text" / "style-presets.ts").read_text()
    for preset in STYLE_PRESETS.values():
        offered = presets.split(f'id: "{preset.id}"')[1]
        assert offered.split("template: ")[1].startswith(f'"{preset.template}"'), preset
        assert offered.split("negativePrompt: ")[1].startswith(f'"{preset.negative}"'), preset


def what_travels_arrives() -> None:
    """Rounded to fp16, in parts, without the optimizers; and too much is refused."""
    weights = {"steps": 3, "weights": {"matrix": torch.randn(3000, 3000), "counts": torch.arange(4)}}
    with tempfile.TemporaryDirectory() as name:
        home, there, packed = (Path(name) / part for part in ("home", "there", "packed"))
        home.mkdir(), there.mkdir()
        save_checkpoint(home / "denoiser.pt", average=weights, config={"width": 2}, optimizers=[weights])
        assert pack(home, packed, ["denoiser"]) < 2.1 * 9e6 and len(list(packed.glob("denoiser.pt.*"))) == 2
        assert unpack(packed, there) == ["denoiser"]
        state = load_checkpoint(there / "denoiser.pt")
        assert set(state) == {"average", "config"} and state["average"]["weights"]["counts"].dtype == torch.int64
        assert torch.equal(state["average"]["weights"]["matrix"], weights["weights"]["matrix"].half().float())
        save_checkpoint(home / "large.pt", average={"steps": 1, "weights": {"matrix": torch.randn(6000, 6000)}})
        for refused, error in (
            (lambda: unpack(packed, there), FileExistsError),
            (lambda: pack(home, packed, ["large"]), ValueError),
        ):
            try:
                refused()
            except error:
                continue
            raise AssertionError("accepted")


CHECKS = (
    a_hundred_first_tries_are_listed_each_once,
    what_is_emphasised_is_drawn_as_often_as_asked,
    what_was_wrong_is_practised_more_than_what_was_right,
    practice_without_a_share_is_refused,
    without_emphasis_every_picture_is_drawn_alike,
    captions_say_what_people_ask_for_and_never_leave_a_minor_style_unsaid,
    every_use_ground_has_a_mask_and_something_around_it,
    artwork_is_laid_where_the_mask_lies,
    any_right_answer_counts,
    presets_are_measured_as_they_are_offered,
    what_travels_arrives,
)
