"""A pool of encoded scenes, renewed a few at a time.

Composing and encoding a scene costs about as much as a training step on it. Each scene is used several times, each time
with new noise at a new timestep, before a new one takes its place.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from training.models.autoencoder import LATENT_CELL, Autoencoder
from training.models.text_encoder import CONTEXT, TextEncoder
from training.models.tokenizer import Tokenizer
from training.scenes.captions import Captions
from training.scenes.compose import KINDS_OF_SCENE, TRAINING, Scenes, Shares, compose_scenes
from training.scenes.dice import Dice
from training.scenes.sprite_bank import SpriteBank

ENCODED_AT_ONCE = 64


@dataclass(frozen=True)
class LatentBatch:
    clean: Tensor  # [batch, 4, h, w]
    source: Tensor  # [batch, 4, h, w], what noise is added to: `clean`, or the same thing in another style
    mask: Tensor  # [batch, 1, h, w], 1 = repaint
    known: Tensor  # [batch, 4, h, w], the latents of the picture with the masked part made grey
    tokens: Tensor  # int64 [batch, 77]
    restyled: Tensor  # bool [batch], where `source` is not `clean`
    may_drop_text: Tensor  # bool [batch]: elsewhere an empty caption already means "continue the ground"


class LatentPool:
    def __init__(self, bank: SpriteBank, captions: Captions, autoencoder: Autoencoder, tokenizer: Tokenizer, dice: Dice,
                 picture_size: int, capacity: int, shares: Shares = TRAINING):  # fmt: skip
        self.bank, self.captions, self.autoencoder, self.tokenizer, self.dice = bank, captions, autoencoder, tokenizer, dice
        self.picture_size, self.capacity, self.shares = picture_size, capacity, shares
        self.next = 0
        cells, device = picture_size // LATENT_CELL, dice.device
        self.clean = torch.empty(capacity, 4, cells, cells, dtype=torch.float16, device=device)
        self.known, self.source = torch.empty_like(self.clean), torch.empty_like(self.clean)
        self.mask = torch.empty(capacity, 1, cells, cells, dtype=torch.float16, device=device)
        self.tokens = torch.empty(capacity, CONTEXT, dtype=torch.long, device=device)
        self.may_drop = torch.empty(capacity, dtype=torch.bool, device=device)
        self.restyled = torch.empty(capacity, dtype=torch.bool, device=device)
        self.filled = 0

    def renew(self, count: int) -> None:
        """Replaces the oldest `count` scenes."""
        for start in range(0, count, ENCODED_AT_ONCE):
            self.add(
                compose_scenes(
                    self.bank, self.captions, self.dice, min(ENCODED_AT_ONCE, count - start), self.picture_size, self.shares
                )
            )

    @torch.no_grad()
    def add(self, scenes: Scenes) -> None:
        places = torch.arange(self.next, self.next + len(scenes.captions), device=self.clean.device) % self.capacity
        self.next += len(scenes.captions)
        self.filled = min(self.capacity, self.filled + len(scenes.captions))
        restyled = scenes.kinds == KINDS_OF_SCENE.index("restyle")
        pictures = torch.cat([scenes.pictures, scenes.pictures * (1 - scenes.masks), scenes.sources[restyled]])
        with torch.autocast(self.clean.device.type, dtype=torch.bfloat16):
            clean, known, others = self.autoencoder.encode(pictures).half().tensor_split((len(places), 2 * len(places)))
        self.clean[places], self.known[places], self.source[places] = clean, known, clean
        self.source[places[restyled]] = others
        self.restyled[places] = restyled
        self.mask[places] = scenes.masks[:, :, ::LATENT_CELL, ::LATENT_CELL].half()
        self.tokens[places] = self.tokenizer.encode(scenes.captions).to(self.tokens.device)
        self.may_drop[places] = (scenes.masks.amin(dim=(1, 2, 3)) == 1) & ~restyled  # nothing is known

    def draw(self, batch: int) -> LatentBatch:
        places = self.dice.integers(batch, self.filled)
        return LatentBatch(
            self.clean[places].float(),
            self.source[places].float(),
            self.mask[places].float(),
            self.known[places].float(),
            self.tokens[places],
            self.restyled[places],
            self.may_drop[places],
        )


class FrozenText:
    """Remembers what a text encoder that no longer learns said about each caption."""

    def __init__(self, encoder: TextEncoder, kept: int = 20_000):
        self.encoder, self.kept = encoder, kept
        self.known: dict[bytes, Tensor] = {}

    @torch.no_grad()
    def __call__(self, tokens: Tensor) -> Tensor:
        keys = [row.numpy().tobytes() for row in tokens.cpu()]
        new = {key: i for i, key in enumerate(keys) if key not in self.known}
        if new:
            if len(self.known) > self.kept:
                self.known.clear()
                new = {key: i for i, key in enumerate(keys)}
            encoded = self.encoder(tokens[list(new.values())])
            self.known.update(zip(new, encoded.bfloat16()))
        return torch.stack([self.known[key] for key in keys]).float()
