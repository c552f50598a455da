"""python -m training.train_wordings: teaches a text encoder that other words around a thing do not change the thing.

The denoiser knows what the encoder says of "a cat, flat style". A copy of the encoder reads the same in other words, and is
asked to say the same: of what stands before the thing what the start token says, of the thing itself the same, of all that
follows what the filling says. The denoiser needs no training for it. Costs minutes, where letting the denoiser meet every
wording would cost hours.

What people call a thing is another wording too: labels say "automobile" and "hot beverage" where people type "a car" and
"coffee cup". With `--first-tries` the copy reads those, and is asked to say what the encoder says of the label.
"""

import argparse
import time
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from training.budget import Budget, add_budget_arguments
from training.checkpoint import SAVE_EVERY_SECONDS, load_checkpoint, save_checkpoint
from training.device import half_precision, training_device
from training.models.average import WeightAverage
from training.models.text_encoder import CONTEXT, TextEncoder, TextEncoderConfig
from training.models.tokenizer import Tokenizer
from training.run_folder import add_run_arguments, run_folder
from training.scenes.captions import Captions
from training.scenes.concept_list import read_concept_list
from training.scenes.first_tries import names_people_use, read_first_tries
from training.scenes.grammar import plural, with_article
from training.scenes.latent_pool import FrozenText
from training.scenes.sprite_bank import SpriteBank
from training.scenes.wordings import STYLE_PRESETS, Wording

# Share of captions that are read as they are: what the encoder says of those must stay.
UNCHANGED = 0.25
SEVERAL, SEVERAL_WORDS = 0.12, ("", "two", "three", "four", "some", "many", "a few", "a pair of")
ARTICLE = 0.7
# Of the captions of a style that a preset asks for, those that say all that the preset says.
PRESET = 0.3
# The thing's own tokens are few beside the filling, and say the most.
THING_WEIGHT = 4.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    add_run_arguments(parser)
    add_budget_arguments(parser)
    parser.add_argument("--denoiser", default="denoiser", help="the checkpoint whose text encoder is taught")
    parser.add_argument("--name", default="denoiser-worded", help="the checkpoint that is written")
    parser.add_argument(
        "--several-are-one", action="store_true", help='read "two dogs" as "a dog", for a denoiser that has learnt no numbers'
    )
    parser.add_argument("--first-tries", type=float, default=0.0, help="share of captions with what people type first")
    parser.add_argument("--styles", default=None)
    parser.add_argument("--concepts", default=None)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=5e-4)
    arguments = parser.parse_args()
    folder, device = run_folder(arguments), training_device(arguments)
    torch.manual_seed(arguments.seed)

    taught = load_checkpoint(folder / f"{arguments.denoiser}.pt")
    teacher, student = (TextEncoder(TextEncoderConfig(**taught["text_config"])).to(device) for _ in range(2))
    for encoder in (teacher, student):
        encoder.load_state_dict(taught["text_average"]["weights"])
    teacher.eval().requires_grad_(False)
    tokenizer = Tokenizer.load(folder / "tokenizer")
    concepts = read_concept_list(Path(arguments.concepts)) if arguments.concepts else None
    styles = arguments.styles.split(",") if arguments.styles else None
    bank = SpriteBank(folder / "sprites.zip", styles, concepts, device, side=32)

    remembered = FrozenText(teacher)
    average = WeightAverage(student)
    optimizers = [torch.optim.AdamW(student.parameters(), lr=arguments.rate, weight_decay=0.0)]
    budget, losses = Budget(arguments, optimizers), []
    checkpoint = folder / f"{arguments.name}.pt"
    if checkpoint.exists():
        state = load_checkpoint(checkpoint)
        student.load_state_dict(state["text"]), average.load_state_dict(state["text_average"])
        optimizers[0].load_state_dict(state["wording_optimizer"]), budget.load_state_dict(state["wording_budget"])
        print(f"resumed at step {budget.step}", flush=True)
    captions = Captions(bank.words, bank.concepts, arguments.seed + budget.step)
    asked_for = {concept: names for concept, names in names_people_use(read_first_tries()).items() if concept in captions.names}

    def save() -> None:
        """All that another training or an export reads of the denoiser, with the encoder exchanged."""
        kept = {name: part for name, part in taught.items() if name not in ("optimizers", "budget")}
        save_checkpoint(checkpoint, **kept | {
            "text": student, "text_average": average, "wording_budget": budget, "wording_optimizer": optimizers[0],
        })  # fmt: skip

    saved = time.monotonic()
    while not budget.is_spent():
        pairs = [
            draw_first_try(captions, asked_for)
            if captions.random.random() < arguments.first_tries
            else draw_pair(captions, bank, arguments.several_are_one)
            for _ in range(arguments.batch)
        ]
        tokens, meant, wanted, weights = word_targets(tokenizer, pairs)
        with torch.no_grad():
            said = remembered(meant.to(device))
        target = said.gather(1, wanted.to(device)[:, :, None].expand_as(said))
        with half_precision(device):
            read = student(tokens.to(device))
        error = (read.float() - target).pow(2).mean(dim=2)
        loss = (error * weights.to(device)).mean()
        loss.backward()
        budget.schedule_rates()
        optimizers[0].step(), optimizers[0].zero_grad(set_to_none=True)
        average.update(student)
        budget.count(arguments.batch)
        losses.append(loss.detach())
        if budget.step % 50 == 0:
            print(f"step {budget.step}  loss {torch.stack(losses).mean().item():.5f}  {budget.pace():.1f}/s", flush=True)
            losses.clear()
        if time.monotonic() - saved > SAVE_EVERY_SECONDS:
            save()
            saved = time.monotonic()
    save()
    print(f"done: {budget.samples} captions in {budget.seconds() / 60:.1f} minutes, {checkpoint}")


def draw_pair(captions: Captions, bank: SpriteBank, several_are_one: bool) -> tuple[str, Wording]:
    """What the teacher reads and what the student reads. An empty caption now and then; it means the ground goes on."""
    rolls = captions.random
    if rolls.random() < 0.03:
        return "", Wording("", "", "")
    sprite = rolls.choice(bank.sprites)
    name = captions.names[sprite.concept][0]
    if several_are_one and rolls.random() < SEVERAL and (many := plural(name)):
        return with_article(name), Wording(rolls.choice(SEVERAL_WORDS), many, "")
    if sprite.style in STYLE_PRESETS and rolls.random() < PRESET:
        bare = f"{name}, {sprite.style} style"
        plain = with_article(bare)
        return plain, Wording(
            plain.removesuffix(bare).strip(), bare, STYLE_PRESETS[sprite.style].template.format(prompt=name).removeprefix(bare)
        )
    bare = captions.described(sprite.concept, sprite.style)
    plain = with_article(bare) if rolls.random() < 0.8 else bare
    if rolls.random() < UNCHANGED:
        return plain, Wording("", plain, "")
    return plain, captions.worded(bare)


def draw_first_try(captions: Captions, asked_for: Mapping[str, tuple[str, ...]]) -> tuple[str, Wording]:
    """The teacher reads what a thing is labelled, the student what people call it."""
    rolls = captions.random
    concept = rolls.choice(list(asked_for))
    plain, asked = with_article(captions.names[concept][0]), rolls.choice(asked_for[concept])
    if rolls.random() < UNCHANGED:
        article = with_article(asked).removesuffix(asked).strip()
        return plain, Wording(article if rolls.random() < ARTICLE else "", asked, "")
    return plain, captions.worded(asked)


def word_targets(tokenizer: Tokenizer, pairs: list[tuple[str, Wording]]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """What the student reads, what the teacher reads, which of the teacher's places each of the student's should equal, and
    the places' weights: each [pairs, 77]."""
    tokens = tokenizer.encode([wording.text for _, wording in pairs])
    meant = tokenizer.encode([plain for plain, _ in pairs])
    places = torch.arange(CONTEXT)
    wanted, weights = places.repeat(len(pairs), 1), torch.ones(len(pairs), CONTEXT)
    for row, (plain, wording) in enumerate(pairs):
        length, before, thing = (len(tokenizer.pieces(text)) for text in (plain, wording.before, wording.thing))
        first, after = before + 1, before + 1 + thing
        wanted[row, :first] = 0
        # Counted from the end, where a teacher's caption with an article is longer.
        wanted[row, first:after] = torch.arange(length - thing + 1, length + 1).clamp(min=1)[: max(0, CONTEXT - first)]
        wanted[row, after:] = wanted[row, after:].clamp(min=length + 1)
        weights[row, first:after] = THING_WEIGHT
    return tokens, meant, wanted, weights


if __name__ == "__main__":
    main()
