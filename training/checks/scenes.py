"""Checks that scenes are what their captions say, on artwork of plain shapes."""

import json
import re
import tempfile
import zipfile
from pathlib import Path
from unittest import mock

import torch
from torch import Tensor

from training.checks.discs import DISCS, SIDE, disc_bank, write_discs
from training.models.autoencoder import Autoencoder
from training.models.tokenizer import Tokenizer
from training.scenes import compose as composing
from training.scenes.arrangements import Arrangement, Arranger
from training.scenes.captions import Captions
from training.scenes.colours import LEAST_CONTRAST, LUMINANCE, NAMED, draw_contrasting
from training.scenes.compose import KINDS_OF_SCENE, Scenes, Shares, compose_scenes, place_arrangements
from training.scenes.dice import Dice
from training.scenes.grammar import COUNTS, plural, with_article
from training.scenes.grounds import PATTERNS, draw_grounds
from training.scenes.latent_pool import LatentPool
from training.scenes.scenery import PAINTERS, draw_scenery
from training.scenes.sprite_bank import SpriteBank

DRAWS = 400


def arrangements(bank: SpriteBank) -> list[Arrangement]:
    arranger = Arranger(bank, Captions(bank.words, bank.concepts, 1))
    return [arranger.draw("white", "a gray background", "on a gray background") for _ in range(DRAWS)]


def a_cache_of_colour_artwork_alone_still_loads() -> None:
    with tempfile.TemporaryDirectory() as name:
        write_discs(Path(name))
        with zipfile.ZipFile(Path(name) / "sprites.zip") as archive:
            index = json.loads(archive.read("index.json"))
            files = {file: archive.read(file) for file in archive.namelist() if file != "index.json"}
        del index["monochrome_styles"], index["textures"]
        with zipfile.ZipFile(Path(name) / "older.zip", "w") as archive:
            archive.writestr("index.json", json.dumps(index))
            for file, content in files.items():
                archive.writestr(file, content)
        bank = SpriteBank(Path(name) / "older.zip", None, None, "cpu")
        assert not bank.monochrome.any() and not bank.texture_names
        assert compose(bank, 16).pictures.isfinite().all()


def the_held_out_style_and_unlisted_concepts_are_not_drawn() -> None:
    with tempfile.TemporaryDirectory() as name:
        write_discs(Path(name))
        bank = SpriteBank(Path(name) / "sprites.zip", None, ["ball", "coin"], "cpu")
    assert bank.styles == ["glyph", "other", "plain"] and bank.concepts == ["ball", "coin"], (bank.styles, bank.concepts)


def styles_and_concepts_that_are_not_there_are_refused() -> None:
    with tempfile.TemporaryDirectory() as name:
        write_discs(Path(name))
        for styles, concepts, unknown in (
            (["plain", "plan"], None, "plan; there are glyph"),
            (None, ["bal"], "bal; there are ball"),
        ):
            try:
                SpriteBank(Path(name) / "sprites.zip", styles, concepts, "cpu")
            except ValueError as error:
                assert unknown in str(error), error
            else:
                raise AssertionError(f"{unknown} accepted")


def a_colour_in_a_label_is_never_drawn_in_another() -> None:
    with tempfile.TemporaryDirectory() as name:
        write_discs(Path(name), {**DISCS, "blue heart": (51, 107, 230)})
        bank = SpriteBank(Path(name) / "sprites.zip", None, None, "cpu")
    assert {s.style for s in bank.sprites if s.concept == "blue heart"} == {"plain", "other"}
    assert {s.style for s in bank.sprites if s.concept == "ball"} == {"plain", "other", "glyph"}


def the_same_seed_composes_the_same_scenes() -> None:
    with disc_bank() as bank:
        first, second, other = compose(bank, 48), compose(bank, 48), compose(bank, 48, seed=2)
    assert torch.equal(first.pictures, second.pictures) and torch.equal(first.masks, second.masks)
    assert first.captions == second.captions and first.captions != other.captions


def kinds_of_scene_mask_and_say_what_they_teach() -> None:
    with disc_bank() as bank:
        scenes = compose(bank, 256)
    for kind, mask, caption in zip(scenes.kinds.tolist(), scenes.masks, scenes.captions):
        name = KINDS_OF_SCENE[kind]
        assert (caption == "") == (name in ("remove", "extend")), (name, caption)
        assert name not in ("create", "restyle") or mask.min() == 1
    assert scenes.pictures.min() >= -1 and scenes.pictures.max() <= 1


def a_restyling_shows_the_same_thing_in_another_style_and_names_the_asked_one() -> None:
    discs = {"ball": (224, 38, 43), "coin": (252, 222, 64)}
    with tempfile.TemporaryDirectory() as name:
        write_discs(Path(name), discs, other={concept: (64, 179, 84) for concept in discs})
        bank = SpriteBank(Path(name) / "sprites.zip", ["plain", "other"], None, "cpu")
        scenes = compose(bank, 256)
    restyled = 0
    for kind, picture, source, caption, number in zip(
        scenes.kinds, scenes.pictures, scenes.sources, scenes.captions, scenes.sprites.tolist()
    ):
        if KINDS_OF_SCENE[kind] != "restyle":
            assert torch.equal(picture, source)
            continue
        restyled += 1
        assert bank.sprites[number].style in caption, caption
        changed = ((picture - source).abs().amax(dim=0) > 0.1).float().mean()
        assert 0.1 < changed < 0.7, changed  # the disc, not the ground
    assert restyled > 20


def in_another_style_is_the_same_concept() -> None:
    with disc_bank() as bank:
        numbers = torch.arange(len(bank.sprites))
        others = bank.in_other_styles(numbers, Dice(1, "cpu"))
        for number, other in zip(numbers.tolist(), others.tolist()):
            one, two = bank.sprites[number], bank.sprites[other]
            assert one.concept == two.concept and one.style != two.style, (one, two)
    with tempfile.TemporaryDirectory() as name:
        write_discs(Path(name))
        alone = SpriteBank(Path(name) / "sprites.zip", ["plain"], None, "cpu")
    numbers = torch.arange(len(alone.sprites))
    assert torch.equal(alone.in_other_styles(numbers, Dice(1, "cpu")), numbers)


def the_pool_keeps_what_is_to_be_restyled() -> None:
    torch.manual_seed(0)
    with disc_bank() as bank:
        captions, tokenizer = Captions(bank.words, bank.concepts, 1), Tokenizer.train(list(DISCS), 300)
        pool = LatentPool(bank, captions, Autoencoder().eval(), tokenizer, Dice(1, "cpu"), SIDE, 64, Shares(restyle=0.5))
        pool.renew(64)
    batch = pool.draw(64)
    assert 0 < batch.restyled.sum() < 64
    differs = (batch.clean != batch.source).flatten(1).any(dim=1)
    # Two of the three styles draw the same disc.
    assert differs.any() and not (differs & ~batch.restyled).any()
    assert not (batch.restyled & batch.may_drop_text).any(), "without its caption a restyling asks for nothing"


def a_count_in_a_caption_is_the_number_of_shapes_drawn() -> None:
    seen = set()
    with disc_bank() as bank:
        plurals = "|".join(filter(None, map(plural, DISCS)))
        for arrangement in arrangements(bank):
            said = re.search(rf"\b(two|three|four|five|[2-5]) (?:[a-z ]+ )?(?:{plurals})\b", arrangement.caption)
            if said:
                count = next(n for n, word in COUNTS.items() if said[1] in (word, str(n)))
                seen.add(count)
                assert len({o.number for o in arrangement.objects}) == 1
                assert shapes_in(drawn(bank, arrangement)) == count, arrangement
    assert seen == set(COUNTS), seen


def places_in_a_caption_are_the_places_drawn() -> None:
    name = r"an? (?:[a-z]+ )?(" + "|".join(DISCS) + ")"
    claims = {
        rf"{name} (?:to the left of|at the left and|on the left,) {name}": (0, -1), rf"{name} to the right of {name}": (0, 1),
        rf"{name} (?:above|over|at the top and) {name}": (1, -1), rf"{name} (?:below|under) {name}": (1, 1),
    }  # fmt: skip
    edges = {"left": (0, -1), "right": (0, 1), "top": (1, -1), "bottom": (1, 1)}
    seen = set()
    with disc_bank() as bank:
        for arrangement in arrangements(bank):
            where = {bank.sprites[o.number].concept: (o.x, o.y) for o in arrangement.objects}
            for claim, (axis, sign) in claims.items():
                if said := re.search(claim, arrangement.caption):
                    assert (where[said[1]][axis] - where[said[2]][axis]) * sign > 0.5, arrangement
                    seen.add(claim)
            if len(arrangement.objects) == 1:
                picture = drawn(bank, arrangement)[0, 3]
                rows, columns = (picture.sum(dim=i).nonzero()[:, 0].float().mean() / len(picture) * 2 - 1 for i in (1, 0))
                for word, (axis, sign) in edges.items():
                    if re.search(rf"(at the|on the|in the( \w+)?) {word}\b|{word} \w+ corner", arrangement.caption):
                        assert (columns, rows)[axis] * sign > 0.3, arrangement
                        seen.add(word)
    assert seen == {*claims, *edges}, seen


def objects_stay_in_the_picture_and_show() -> None:
    """At least half of each object is to be seen, whatever lies in front of it."""
    with disc_bank() as bank:
        for arrangement in arrangements(bank):
            assert all(abs(o.x) + o.half <= 1.001 and abs(o.y) + o.half <= 1.001 for o in arrangement.objects), arrangement
            left, top, right, bottom = edges_of(arrangement)
            assert all(left <= o.x <= right and top <= o.y <= bottom for o in arrangement.objects)
            if len({o.number for o in arrangement.objects}) == 2:
                back, front = (drawn(bank, Arrangement((o,), ""))[0, 3] for o in arrangement.objects)
                assert (back * (1 - front)).sum() > 0.5 * back.sum(), arrangement


def colours_in_captions_are_the_colours_drawn() -> None:
    with disc_bank() as bank:
        colour = {s.concept: c for s, c in zip(bank.sprites, bank.main_colours) if s.style == "plain"}
        assert colour == {"ball": "red", "coin": "yellow", "leaf": "green", "berry": "blue"}, colour
        grounds = torch.rand(64, 3, generator=torch.Generator().manual_seed(0))
        tints, names = draw_contrasting(Dice(3, "cpu"), grounds)
        glyphs = torch.tensor([i for i, s in enumerate(bank.sprites) if s.style == "glyph"])[torch.zeros(64, dtype=torch.long)]
        upright = torch.zeros(64)
        placed = bank.place(glyphs, torch.zeros(64, 2), upright + 0.8, upright, upright.bool(), SIDE, tints)
        middle = placed[:, :3, SIDE // 2, SIDE // 2]
        assert all(bank.colour_of(int(g), name) == name for g, name in zip(glyphs, names))
    assert torch.allclose(middle, tints, atol=1e-3)
    named = torch.tensor([NAMED[name] for name in names])
    assert (middle - named).abs().max() < 0.05
    weights = torch.tensor(LUMINANCE)
    assert ((middle - grounds) @ weights).abs().min() > LEAST_CONTRAST - 0.05


def every_painter_fills_the_picture_and_names_it() -> None:
    with disc_bank() as bank:
        for paint in PAINTERS:
            grounds = paint(Dice(4, "cpu"), 24, 48)
            assert grounds.pictures.shape == (24, 3, 48, 48) and len(grounds.names) == len(grounds.places) == 24
            assert grounds.pictures.min() >= 0 and grounds.pictures.max() <= 1, paint.__name__
            assert grounds.pictures.flatten(2).std(dim=2).amax(dim=1).min() > 0.01, f"{paint.__name__} painted nothing"
        names = draw_scenery(bank, Dice(5, "cpu"), 256, 32).names
    for word in (" wall", " card", " page", " sky", " thin ", " stripes"):
        assert any(word in f" {name}" for name in names), word


def patterns_asked_for_go_on() -> None:
    with disc_bank() as bank:
        captions, shares = Captions(bank.words, bank.concepts, 1), Shares(patterns=0.5)
        scenes = compose_scenes(bank, captions, Dice(6, "cpu"), 400, SIDE, shares)
        for seed in range(8):  # a pool is renewed by few scenes, none of them a pattern
            compose_scenes(bank, captions, Dice(seed, "cpu"), 1, SIDE, shares)
    continued = [KINDS_OF_SCENE[kind] in ("remove", "extend") for kind in scenes.kinds.tolist()]
    least = shares.patterns + (1 - shares.patterns) * (shares.remove + shares.extend)
    assert abs(sum(continued) / 400 - least) < 0.08, sum(continued)
    assert all(caption == "" for caption, goes_on in zip(scenes.captions, continued) if goes_on)
    names = draw_grounds(Dice(6, "cpu"), 64, SIDE, PATTERNS).names
    assert not any(" background" in name and not name.startswith("a blurred") or "gradient" in name for name in names), names


def things_stand_out_from_patterns_too() -> None:
    seen: list[Tensor] = []

    def watched(dice: Dice, grounds: Tensor) -> tuple[Tensor, list[str]]:
        seen.append(grounds)
        return draw_contrasting(dice, grounds)

    with disc_bank() as bank, mock.patch.object(composing, "draw_contrasting", watched):
        captions = Captions(bank.words, bank.concepts, 1)
        scenes = compose_scenes(bank, captions, Dice(8, "cpu"), 64, SIDE, Shares(patterns=1.0))
    drawn = (scenes.pictures.mean(dim=(2, 3)) + 1) / 2
    assert (drawn - seen[0]).abs().mean() < 0.1, (drawn - seen[0]).abs().mean()


def names_have_their_articles_and_plurals() -> None:
    names = ("owl", "dog", "french fries", "octopus", "people with ears", "person with wings", "pair of shoes")
    assert [with_article(name) for name in names] == [
        "an owl", "a dog", "french fries", "an octopus", "people with ears", "a person with wings", "a pair of shoes",
    ]  # fmt: skip
    assert [plural(n) for n in ("star", "box", "cherry", "tooth", "baby chick", "monkey", "moose")] == [
        "stars", "boxes", "cherries", "teeth", "baby chicks", "monkeys", "moose",
    ]  # fmt: skip
    assert [plural(n) for n in ("sunglasses", "bread", "face with tears of joy", "locked", "man cook")] == [None] * 5


def compose(bank: SpriteBank, count: int, seed: int = 1) -> Scenes:
    shares = Shares(arrange=0.3, restyle=0.2)
    return compose_scenes(bank, Captions(bank.words, bank.concepts, seed), Dice(seed, "cpu"), count, SIDE, shares)


def drawn(bank: SpriteBank, arrangement: Arrangement) -> Tensor:
    """[1, 4, 2 · SIDE, 2 · SIDE]"""
    canvas = torch.ones(1, 4, 2 * SIDE, 2 * SIDE)
    place_arrangements(bank, {0: arrangement}, canvas, torch.ones(1, 3))
    return canvas


def edges_of(arrangement: Arrangement) -> tuple[float, float, float, float]:
    x, y, half_width, half_height = arrangement.area()
    return x - half_width, y - half_height, x + half_width, y + half_height


def shapes_in(picture: Tensor) -> int:
    """Connected patches of the alpha channel, by flooding."""
    open_pixels = {(y, x) for y, x in (picture[0, 3] > 0.5).nonzero().tolist()}
    count = 0
    while open_pixels:
        count += 1
        border = [open_pixels.pop()]
        while border:
            y, x = border.pop()
            for neighbour in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
                if neighbour in open_pixels:
                    open_pixels.remove(neighbour)
                    border.append(neighbour)
    return count


CHECKS = (
    a_cache_of_colour_artwork_alone_still_loads,
    the_held_out_style_and_unlisted_concepts_are_not_drawn,
    styles_and_concepts_that_are_not_there_are_refused,
    a_colour_in_a_label_is_never_drawn_in_another,
    the_same_seed_composes_the_same_scenes,
    kinds_of_scene_mask_and_say_what_they_teach,
    a_restyling_shows_the_same_thing_in_another_style_and_names_the_asked_one,
    in_another_style_is_the_same_concept,
    the_pool_keeps_what_is_to_be_restyled,
    a_count_in_a_caption_is_the_number_of_shapes_drawn,
    places_in_a_caption_are_the_places_drawn,
    objects_stay_in_the_picture_and_show,
    colours_in_captions_are_the_colours_drawn,
    every_painter_fills_the_picture_and_names_it,
    patterns_asked_for_go_on,
    things_stand_out_from_patterns_too,
    names_have_their_articles_and_plurals,
)
