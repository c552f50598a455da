"""Names what a picture shows. Trained on real artwork only, so that it can judge what a model drew."""

from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.checkpoint import load_checkpoint, save_checkpoint
from training.device import half_precision
from training.scenes.captions import Captions
from training.scenes.compose import ADD_ONLY, compose_scenes
from training.scenes.dice import Dice
from training.scenes.sprite_bank import SpriteBank

SIDE = 64  # pixels
LEARNING_RATE = 2e-3
# Blur and noise in its training: what a small model draws is softer than artwork, and that alone must not fool it.
SOFTEST = 24
# Crops kept, and steps each serves: composing them costs more than learning from them.
KEPT_CROPS, REUSE = 2048, 8


class Classifier(nn.Module):
    def __init__(self, concepts: int, styles: int):
        super().__init__()
        widths = (3, 32, 64, 128, 192)
        layers: list[nn.Module] = []
        for before, after in zip(widths, widths[1:]):
            layers += [nn.Conv2d(before, after, 3, stride=2, padding=1), nn.BatchNorm2d(after), nn.ReLU()]
            layers += [nn.Conv2d(after, after, 3, padding=1), nn.BatchNorm2d(after), nn.ReLU()]
        self.features = nn.Sequential(*layers)
        self.dropout = nn.Dropout(0.2)
        self.concept = nn.Linear(2 * widths[-1], concepts)
        self.style = nn.Linear(2 * widths[-1], styles)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """[batch, 3, 64, 64] in −1..1 → scores of concepts and of styles."""
        features = self.features(pictures)
        pooled = self.dropout(torch.cat([features.mean(dim=(2, 3)), features.amax(dim=(2, 3))], dim=1))
        return self.concept(pooled), self.style(pooled)


def artwork_crops(bank: SpriteBank, dice: Dice, captions: Captions, batch: int) -> tuple[Tensor, Tensor]:
    """Real artwork as a mask would cut it out: [batch, 3, 64, 64] in −1..1, and the numbers of the pictures."""
    scenes = compose_scenes(bank, captions, dice, batch, 96, ADD_ONLY)
    return torch.cat([cut_out(picture, mask) for picture, mask in zip(scenes.pictures, scenes.masks)]), scenes.sprites


def cut_out(picture: Tensor, mask: Tensor) -> Tensor:
    """The least rectangle around the mask, stretched to a square: [1, 3, 64, 64]. `picture` [3, H, W], `mask` [1, H, W]."""
    rows, columns = mask[0].amax(dim=1).nonzero()[:, 0], mask[0].amax(dim=0).nonzero()[:, 0]
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    return F.interpolate(picture[None, :, top:bottom, left:right], (SIDE, SIDE), mode="bilinear", antialias=True)


def soften(pictures: Tensor, dice: Dice) -> Tensor:
    """A third of the batch through a smaller size and back, a third with noise."""
    third = len(pictures) // 3
    side = int(dice.integers(1, SIDE - SOFTEST)) + SOFTEST
    small = F.interpolate(pictures[:third], (side, side), mode="bilinear", antialias=True)
    soft = F.interpolate(small, (SIDE, SIDE), mode="bilinear")
    noisy = pictures[third : 2 * third] + 0.06 * dice.normal(third, 3, SIDE, SIDE)
    return torch.cat([soft, noisy, pictures[2 * third :]])


def train_classifier(bank: SpriteBank, path: Path, steps: int, batch: int, device: torch.device) -> Classifier:
    classifier = Classifier(len(bank.concepts), len(bank.styles)).to(device, memory_format=torch.channels_last)
    if path.exists():
        classifier.load_state_dict(load_checkpoint(path)["classifier"])
        return classifier.eval()
    optimizer = torch.optim.AdamW(classifier.parameters(), lr=LEARNING_RATE, weight_decay=0.02)
    rates = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps)
    dice, captions = Dice(31, device), Captions(bank.words, bank.concepts, 31)
    fresh = max(1, batch // REUSE)
    kept = [artwork_crops(bank, dice, captions, fresh) for _ in range(min(KEPT_CROPS // fresh, steps))]
    for step in range(steps):
        kept[step % len(kept)] = artwork_crops(bank, dice, captions, fresh)
        drawn = [kept[i] for i in dice.integers(REUSE, len(kept)).tolist()]
        pictures, sprites = (torch.cat(part) for part in zip(*drawn))
        with half_precision(device):
            concepts, styles = classifier(soften(pictures, dice).contiguous(memory_format=torch.channels_last))
        loss = F.cross_entropy(concepts.float(), bank.concept_numbers[sprites], label_smoothing=0.05)
        loss = loss + 0.5 * F.cross_entropy(styles.float(), bank.style_numbers[sprites])
        loss.backward()
        optimizer.step(), rates.step(), optimizer.zero_grad(set_to_none=True)
        if step % 100 == 0:
            print(f"classifier step {step}/{steps}  loss {loss.item():.3f}", flush=True)
    save_checkpoint(path, classifier=classifier)
    return classifier.eval()


@torch.no_grad()
def real_artwork_accuracy(
    classifier: Classifier, bank: SpriteBank, concepts: list[str], batch: int = 256
) -> tuple[float, float]:
    """Top-1 and top-5 shares on fresh crops of `bank`, whose concepts are looked up in the classifier's list."""
    pictures, sprites = artwork_crops(bank, Dice(77, bank.levels[0].device), Captions(bank.words, bank.concepts, 77), batch)
    scores, _ = classifier(pictures)
    wanted = torch.tensor([concepts.index(bank.sprites[i].concept) for i in sprites.tolist()], device=scores.device)
    first, five = hits(scores, wanted)
    return first.float().mean().item(), five.float().mean().item()


def hits(scores: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    """Whether the best guess, and whether one of the best five, is the wanted one: two of [batch]."""
    best = scores.topk(min(5, scores.shape[1]), dim=1).indices
    return best[:, 0] == wanted, (best == wanted[:, None]).any(dim=1)
