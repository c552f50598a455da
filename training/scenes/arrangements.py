"""Several objects, or one at a named place, with a caption that says how many, which and where."""

import math
from dataclasses import dataclass

from training.scenes.captions import Captions
from training.scenes.grammar import COUNTS, plural, with_article
from training.scenes.sprite_bank import SpriteBank

MOST_OBJECTS = 5
ROOM = 0.05  # around objects that are masked together
# Centres in −1..1 of equal objects; `nearest_gap` tells how large they may be. The first layout of each count is a row.
LAYOUTS = {
    2: (((-0.48, 0.0), (0.48, 0.0)), ((-0.45, -0.45), (0.45, 0.45)), ((0.0, -0.48), (0.0, 0.48))),
    3: (((-0.64, 0.0), (0.0, 0.0), (0.64, 0.0)), ((0.0, -0.45), (-0.48, 0.42), (0.48, 0.42))),
    4: (((-0.72, 0.0), (-0.24, 0.0), (0.24, 0.0), (0.72, 0.0)), ((-0.46, -0.46), (0.46, -0.46), (-0.46, 0.46), (0.46, 0.46))),
    5: (
        ((-0.78, 0.0), (-0.39, 0.0), (0.0, 0.0), (0.39, 0.0), (0.78, 0.0)),
        ((-0.6, -0.6), (0.6, -0.6), (0.0, 0.0), (-0.6, 0.6), (0.6, 0.6)),
    ),
}
COUNTED = (
    "{count} {things}",
    "a picture of {count} {things}",
    "draw {count} {things}",
    "{digit} {things}",
    "{count} {things} {place}",
)
BESIDE = (
    "{a} at the left and {b} at the right", "{a} to the left of {b}", "{b} to the right of {a}",
    "{a} on the left, {b} on the right", "{a} next to {b}", "{b} beside {a}", "{a} and {b}",
)  # fmt: skip
STACKED = (
    "{a} above {b}",
    "{b} below {a}",
    "{a} over {b}",
    "{b} under {a}",
    "{a} at the top and {b} at the bottom",
    "{a} and {b}",
)
IN_FRONT = ("{a} in front of {b}", "{b} behind {a}", "{a} and {b}")
# Where an object at the edge of the picture is, by the signs of x and y.
PLACES = {
    (-1, 0): ("at the left", "on the left side"), (1, 0): ("at the right", "on the right side"), (0, -1): ("at the top",),
    (0, 1): ("at the bottom",), (0, 0): ("in the middle", "in the center"), (-1, -1): ("in the top left corner",),
    (1, -1): ("in the top right corner",), (-1, 1): ("in the bottom left corner",), (1, 1): ("in the bottom right corner",),
}  # fmt: skip


@dataclass(frozen=True)
class Placed:
    number: int  # in the bank
    x: float  # of the centre, −1..1
    y: float
    half: float  # half side, −1..1


@dataclass(frozen=True)
class Arrangement:
    objects: tuple[Placed, ...]  # the first is drawn first
    caption: str
    whole: bool = True  # the caption is about the whole picture, not only about where the objects are

    def area(self) -> tuple[float, float, float, float]:
        """Middle x, y and half width, height of what to repaint, in −1..1: the objects with some room, or everything."""
        if self.whole or not self.objects:
            return 0, 0, 1, 1
        left, top = (min(edges) - ROOM for edges in zip(*((o.x - o.half, o.y - o.half) for o in self.objects)))
        right, bottom = (max(edges) + ROOM for edges in zip(*((o.x + o.half, o.y + o.half) for o in self.objects)))
        return (left + right) / 2, (top + bottom) / 2, (right - left) / 2, (bottom - top) / 2


class Arranger:
    def __init__(self, bank: SpriteBank, captions: Captions):
        self.bank, self.captions, self.random = bank, captions, captions.random

    def draw(self, tint: str, ground: str, place: str) -> Arrangement:
        """`tint`: the colour of monochrome objects. `ground`, `place`: the ground's name, alone and after a thing."""
        kind = self.random.choices((self.count, self.beside, self.stack, self.overlap, self.put), (0.3, 0.24, 0.18, 0.1, 0.18))[
            0
        ]
        if self.random.random() < 0.08:
            return Arrangement((), ground)
        return kind(tint, place)

    def count(self, tint: str, place: str) -> Arrangement:
        number = self.random.randrange(len(self.bank.sprites))
        things = plural(self.captions.nouns[self.bank.sprites[number].concept])
        if things is None:
            return self.put(tint, place)
        things = self.captions.coloured(things, self.bank.colour_of(number, tint))
        count = self.random.randint(2, MOST_OBJECTS)
        layout = self.random.choice(LAYOUTS[count])
        half = nearest_gap(layout) * self.random.uniform(0.36, 0.48)
        half = min(half, 0.98 - max(abs(coordinate) for point in layout for coordinate in point))
        caption = self.random.choice(COUNTED).format(count=COUNTS[count], digit=count, things=things, place=place)
        if layout is LAYOUTS[count][0] and self.random.random() < 0.3:
            caption = f"{COUNTS[count]} {things} in a row"
        return Arrangement(tuple(Placed(number, x, y, half) for x, y in layout), caption, self.random.random() < 0.5)

    def beside(self, tint: str, place: str) -> Arrangement:
        a, b = self.pair()
        x, half = self.random.uniform(0.45, 0.52), self.random.uniform(0.32, 0.44)
        level = self.random.uniform(-0.25, 0.25)
        return self.said(Placed(a, -x, level, half), Placed(b, x, level, half), BESIDE, tint, place)

    def stack(self, tint: str, place: str) -> Arrangement:
        a, b = self.pair()
        y, half = self.random.uniform(0.45, 0.52), self.random.uniform(0.32, 0.44)
        across = self.random.uniform(-0.25, 0.25)
        return self.said(Placed(a, across, -y, half), Placed(b, across, y, half), STACKED, tint, place)

    def overlap(self, tint: str, place: str) -> Arrangement:
        """The smaller one in front, low, so that most of the other still shows."""
        a, b = self.pair()
        side = self.random.choice((-1, 1)) * self.random.uniform(0.25, 0.4)
        front, back = (
            Placed(a, side, 0.5, self.random.uniform(0.3, 0.38)),
            Placed(b, -0.3 * side, -0.15, self.random.uniform(0.62, 0.74)),
        )
        arrangement = self.said(front, back, IN_FRONT, tint, place)
        return Arrangement((back, front), arrangement.caption, arrangement.whole)

    def put(self, tint: str, place: str) -> Arrangement:
        number, (right, down) = self.random.randrange(len(self.bank.sprites)), self.random.choice(list(PLACES))
        half = self.random.uniform(0.28, 0.42)
        reach = (1 - half) * 0.92
        name = self.named(number, tint)
        caption = f"{name} {self.random.choice(PLACES[right, down])}"
        if self.random.random() < 0.3:
            caption = f"{caption}, {place}"
        return Arrangement((Placed(number, right * reach, down * reach, half),), caption)

    def pair(self) -> tuple[int, int]:
        """Two different things in one style, where the style has two."""
        first = self.random.randrange(len(self.bank.sprites))
        alike = self.bank.by_style[self.bank.sprites[first].style]
        for _ in range(8):
            second = self.random.choice(alike)
            if self.bank.sprites[second].concept != self.bank.sprites[first].concept:
                return first, second
        return first, self.random.randrange(len(self.bank.sprites))

    def said(self, a: Placed, b: Placed, wordings: tuple[str, ...], tint: str, place: str) -> Arrangement:
        style = self.bank.sprites[a.number].style
        caption = self.random.choice(wordings).format(a=self.named(a.number, tint), b=self.named(b.number, tint))
        ending = self.random.random()
        if ending < 0.2:
            caption = f"{caption}, {place}"
        elif ending < 0.4 and self.bank.sprites[b.number].style == style:
            caption = f"{caption}, {style} style"
        return Arrangement((a, b), caption, self.random.random() < 0.5)

    def named(self, number: int, tint: str) -> str:
        sprite = self.bank.sprites[number]
        return with_article(self.captions.coloured(self.captions.nouns[sprite.concept], self.bank.colour_of(number, tint)))


def nearest_gap(layout: tuple[tuple[float, float], ...]) -> float:
    """How close the closest two centres are."""
    return min(math.dist(p, q) for i, p in enumerate(layout) for q in layout[:i])
