"""Parts of interfaces: a card with a shadow, a heading, lines of text, a picture and a button; pages of text; thin lines."""

import torch
from torch import Tensor

from training.scenes.colours import draw_colours, draw_contrasting, name_colours
from training.scenes.dice import Dice
from training.scenes.grammar import listed, with_article
from training.scenes.grounds import Grounds, pixel_grid, soft_step
from training.scenes.landscapes import paint
from training.scenes.lettering import BUTTON, HEADING, TEXT, write_line

SHADOW = 0.3  # opacity where it is deepest
TEXT_LINES = 3
LINE_HEIGHT, LINE_STEP = 0.13, 0.16  # of small text, in −1..1 units
PAGE_LINES = 7
STROKES = 4


def paint_cards(dice: Dice, count: int, size: int) -> Grounds:
    """One card on a page, with a heading, lines of text and a button, each where there is room."""
    page, face = draw_colours(dice, count), draw_colours(dice, count)
    face = torch.where(dice.chance(count, 0.6)[:, None], torch.full_like(face, 0.98), face)
    half = torch.stack([dice.uniform(count, low=0.75, high=0.92), dice.uniform(count, low=0.55, high=0.88)], dim=1)
    picture = paint_face(dice, page, face, half, size)

    ink, _ = draw_contrasting(dice, face)
    left, top = -half[:, 0] + 0.14, -half[:, 1] + 0.12
    headed, with_button = dice.chance(count, 0.8), dice.chance(count, 0.7)
    heading = write_line(dice, HEADING, left, top, dice.uniform(count, low=0.2, high=0.28), size)
    picture = paint(picture, heading * headed[:, None, None], ink)
    picture = paint(picture, text_block(dice, left, top + 0.34, half[:, 1] - 0.34, size), torch.lerp(ink, face, 0.35))
    accent, accents = draw_contrasting(dice, face)
    picture = paint_button(dice, picture, left, half[:, 1] - 0.2, accent, with_button)

    names, places = [], []
    for colour, has_heading, has_button, button_colour in zip(
        name_colours(face), headed.tolist(), with_button.tolist(), accents
    ):
        parts = ["a heading"] * has_heading + ["lines of text"] + [f"{with_article(button_colour)} button"] * has_button
        names.append(f"{with_article(colour)} card with {listed(parts)}")
        places.append(f"on {with_article(colour)} card")
    return Grounds(picture, names, places)


def paint_face(dice: Dice, page: Tensor, face: Tensor, half: Tensor, size: int) -> Tensor:
    """A rounded card in the middle of a page, mostly with a shadow below it: [count, 3, size, size]."""
    count, (x, y) = len(page), pixel_grid(size, dice.device)
    corner, nothing = dice.uniform(count, low=0.02, high=0.2), torch.zeros_like(half)
    lowered = nothing + torch.tensor([0.0, 0.05], device=dice.device)
    reach = dice.uniform(count, low=0.08, high=0.2)[:, None, None]
    shadow = (1 + box_distance(x, y, lowered, half, corner) / reach).clamp(0, 1) ** 2 * SHADOW
    shadow = shadow * dice.chance(count, 0.75)[:, None, None]
    picture = page[:, :, None, None] * (1 - shadow[:, None])
    return paint(picture, soft_step(box_distance(x, y, nothing, half, corner), size), face)


def text_block(dice: Dice, left: Tensor, top: Tensor, bottom: Tensor, size: int) -> Tensor:
    """Lines of small letters, or bars that stand for them, while there is room: opacity [count, size, size]."""
    count, (x, y) = len(left), pixel_grid(size, dice.device)
    spelled = dice.chance(count, 0.65)[:, None, None]
    block = torch.zeros(count, size, size, device=dice.device)
    for i in range(TEXT_LINES):
        line_top, width = top + i * LINE_STEP, dice.uniform(count, low=0.4, high=0.9)
        letters = write_line(dice, TEXT, left, line_top, torch.full_like(left, LINE_HEIGHT), size)
        middle = torch.stack([left + width / 2, line_top + LINE_HEIGHT / 2], dim=1)
        half = torch.stack([width / 2, torch.full_like(width, LINE_HEIGHT / 4)], dim=1)
        bar = soft_step(box_distance(x, y, middle, half, half[:, 1]), size)
        fits = (line_top + LINE_HEIGHT < bottom) | torch.tensor(i == 0, device=dice.device)
        block = torch.maximum(block, torch.where(spelled, letters, bar) * fits[:, None, None])
    return block


def paint_button(dice: Dice, picture: Tensor, left: Tensor, middle: Tensor, colours: Tensor, shown: Tensor) -> Tensor:
    count, size, (x, y) = len(left), picture.shape[-1], pixel_grid(picture.shape[-1], dice.device)
    half = torch.stack([dice.uniform(count, low=0.25, high=0.36), torch.full_like(left, 0.09)], dim=1)
    centre = torch.stack([left + half[:, 0], middle], dim=1)
    face = soft_step(box_distance(x, y, centre, half, dice.uniform(count, low=0.02, high=0.09)), size)
    picture = paint(picture, face * shown[:, None, None], colours)
    word = write_line(dice, BUTTON, left + 0.08, middle - 0.07, torch.full_like(left, 0.14), size) * face
    return paint(picture, word * shown[:, None, None], draw_contrasting(dice, colours)[0])


def paint_pages(dice: Dice, count: int, size: int) -> Grounds:
    """Lines of text of one size from top to bottom."""
    paper = draw_colours(dice, count)
    ink, inks = draw_contrasting(dice, paper)
    height, left = dice.uniform(count, low=0.14, high=0.26), dice.uniform(count, low=-0.95, high=-0.8)
    picture = paper[:, :, None, None].expand(count, 3, size, size)
    written = torch.zeros(count, size, size, device=dice.device)
    for i in range(PAGE_LINES):
        written = torch.maximum(written, write_line(dice, TEXT, left, -0.9 + i * height * 1.15, height, size))
    names = [f"lines of {a} text on {with_article(b)} page" for a, b in zip(inks, name_colours(paper))]
    return Grounds(paint(picture, written, ink), names, [f"on {name}" for name in names])


def paint_thin_lines(dice: Dice, count: int, size: int) -> Grounds:
    """Straight lines and a circle's outline, one to three pixels wide at 128."""
    x, y = pixel_grid(size, dice.device)
    paper = draw_colours(dice, count)
    ink, inks = draw_contrasting(dice, paper)
    half_width = dice.uniform(count, 1, 1, low=0.008, high=0.022)
    centre, radius = dice.uniform(count, 2, low=-0.6, high=0.6), dice.uniform(count, low=0.2, high=0.6)
    distance = ((x - centre[:, 0, None, None]) ** 2 + (y - centre[:, 1, None, None]) ** 2).sqrt() - radius[:, None, None]
    cover = soft_step(half_width - distance.abs(), size)
    for _ in range(STROKES):
        angle, offset = dice.uniform(count, 1, 1, high=3.1416), dice.uniform(count, 1, 1, low=-0.8, high=0.8)
        cover = torch.maximum(cover, soft_step(half_width - (x * angle.cos() + y * angle.sin() - offset).abs(), size))
    picture = paint(paper[:, :, None, None].expand(count, 3, size, size), cover, ink)
    names = [f"thin {a} lines on {b}" for a, b in zip(inks, name_colours(paper))]
    return Grounds(picture, names, [f"on {name}" for name in names])


def box_distance(x: Tensor, y: Tensor, middles: Tensor, halves: Tensor, corners: Tensor) -> Tensor:
    """How far inside a rounded box each pixel lies, negative outside: [count, size, size] in −1..1 units."""
    radius = torch.minimum(corners, halves.amin(dim=1))[:, None, None]
    qx = (x - middles[:, 0, None, None]).abs() - halves[:, 0, None, None] + radius
    qy = (y - middles[:, 1, None, None]).abs() - halves[:, 1, None, None] + radius
    outside = (qx.clamp(min=0) ** 2 + qy.clamp(min=0) ** 2).sqrt() + torch.maximum(qx, qy).clamp(max=0)
    return radius - outside
