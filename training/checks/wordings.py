"""Checks that a text encoder learns the right thing from other wordings."""

import random

import torch

from training.checks.discs import DISCS, disc_bank
from training.data.sources import STYLES
from training.evaluation.gates import WORDINGS
from training.models.text_encoder import CONTEXT
from training.models.tokenizer import END, START, Tokenizer
from training.scenes.arrangements import PLACES
from training.scenes.captions import Captions
from training.scenes.colours import colour_names
from training.scenes.grammar import COUNTS, plural, with_article
from training.scenes.wordings import ADJECTIVES, DETERMINERS, ENDINGS, FILLERS, OPENINGS, Wording, Wordings
from training.train_wordings import THING_WEIGHT, draw_pair, word_targets

DRAWS = 300
SAID_ANYWAY = {"a", "i"}


def wordings_hold_the_thing_and_no_word_of_the_measured_prompts() -> None:
    measured = {word for wording in WORDINGS for word in wording.format(thing="", bare="").replace(",", "").lower().split()}
    styles = [style.name.replace("-", " ") for style in STYLES]  # captions name them
    taught = {
        word for part in (OPENINGS, ADJECTIVES, ENDINGS, FILLERS, DETERMINERS, styles) for text in part for word in text.split()
    }
    assert not (measured & taught) - SAID_ANYWAY, measured & taught
    wordings = Wordings(["apple", "pencil", "cat"], random.Random(2))
    drawn = [wordings.around("red apple, flat style", "a") for _ in range(DRAWS)]
    assert all("red apple, flat style" in wording.text for wording in drawn)
    assert len({wording.text for wording in drawn}) > DRAWS / 2


def wordings_claim_nothing_that_a_picture_can_show() -> None:
    """Where captions say places, counts and colours, they mean them."""
    padding = [*OPENINGS, *ADJECTIVES, *ENDINGS, *FILLERS, *DETERMINERS]
    meant = {*COUNTS.values(), *colour_names(), *(place for names in PLACES.values() for place in names)}
    assert not meant & {*padding}, meant & {*padding}


def made_up_words_hold_pieces_of_known_ones() -> None:
    wordings = Wordings(["elephant", "want"], random.Random(3))
    assert {"want", "elephant"} != (made := {wordings.made_up() for _ in range(DRAWS)}) and any("ant" in word for word in made)


def what_is_asked_of_a_wording_is_what_was_said_of_the_thing() -> None:
    """Token for token: the start before the thing, the thing's own tokens, the filling after it."""
    tokenizer = Tokenizer.train(["a cat", "an elephant", "flat style", "draw me"], 560)
    start, end = tokenizer.vocabulary[START], tokenizer.vocabulary[END]
    pairs = [
        ("a cat, flat style", Wording("draw me a", "cat, flat style", "thanks")),
        ("an elephant", Wording("", "elephant", "")),
        ("cat", Wording("zzz", "cat", "qqq qqq")),
        ("", Wording("", "", "")),
    ]
    tokens, meant, wanted, weights = word_targets(tokenizer, pairs)
    asked = meant.gather(1, wanted)
    for (_, wording), read, target, weight in zip(pairs, tokens, asked, weights):
        before, thing = len(tokenizer.pieces(wording.before)), len(tokenizer.pieces(wording.thing))
        assert (target[: before + 1] == start).all()
        assert torch.equal(target[before + 1 : before + 1 + thing], read[before + 1 : before + 1 + thing]), wording
        assert (target[before + 1 + thing :] == end).all(), wording
        assert torch.equal(
            weight == THING_WEIGHT, torch.isin(torch.arange(CONTEXT), torch.arange(before + 1, before + 1 + thing))
        )


def several_are_read_as_one_only_where_asked() -> None:
    with disc_bank() as bank:
        for asked in (False, True):
            captions = Captions(bank.words, bank.concepts, 5)
            pairs = [draw_pair(captions, bank, asked) for _ in range(DRAWS)]
            one_of = {plural(name): with_article(name) for name in DISCS}
            read = [(plain, wording) for plain, wording in pairs if wording.thing in one_of]
            assert bool(read) == asked and all(plain == one_of[wording.thing] for plain, wording in read), read
            assert not asked or any("two" in wording.before for _, wording in read)
    # A longer plural asks for no place before the caption's first.
    tokenizer = Tokenizer.train(["a leaf"], 560)
    _, _, wanted, _ = word_targets(tokenizer, [("leaf", Wording("two", "leaves", ""))])
    assert (wanted[0, len(tokenizer.pieces("two")) + 1 :] >= 1).all()


CHECKS = (
    wordings_hold_the_thing_and_no_word_of_the_measured_prompts,
    wordings_claim_nothing_that_a_picture_can_show,
    made_up_words_hold_pieces_of_known_ones,
    what_is_asked_of_a_wording_is_what_was_said_of_the_thing,
    several_are_read_as_one_only_where_asked,
)
