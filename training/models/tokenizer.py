"""Byte-pair encoding as CLIP does it: lower case, words end in `</w>`, the most frequent pair is merged first."""

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from training.models.text_encoder import CONTEXT

START, END = "<|startoftext|>", "<|endoftext|>"
# CLIP's splitting rule for ASCII text; other letters count as letters.
WORDS = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d|[^\W\d_]+|\d|[^\s\w]+|_+", re.IGNORECASE)


def byte_letters() -> dict[int, str]:
    """GPT-2's printable stand-ins for the 256 bytes."""
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    others = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {byte: chr(256 + i) for i, byte in enumerate(others)}


BYTE_LETTERS = byte_letters()


def letters_of(word: str) -> tuple[str, ...]:
    letters = [BYTE_LETTERS[byte] for byte in word.encode()]
    return (*letters[:-1], letters[-1] + "</w>")


class Tokenizer:
    def __init__(self, vocabulary: dict[str, int], merges: list[tuple[str, str]]):
        self.vocabulary = vocabulary
        self.merges = merges
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.encode_word = cache(self.encode_word)

    @classmethod
    def train(cls, texts: list[str], size: int) -> "Tokenizer":
        """Learns merges until the vocabulary has `size` entries or no pair is left."""
        counts = Counter(letters_of(word) for text in texts for word in WORDS.findall(text.lower()))
        alphabet = list(BYTE_LETTERS.values())
        pieces = alphabet + [letter + "</w>" for letter in alphabet]
        merges: list[tuple[str, str]] = []
        while len(pieces) < size - 2:
            pairs: Counter[tuple[str, str]] = Counter()
            for word, count in counts.items():
                for pair in zip(word, word[1:]):
                    pairs[pair] += count
            if not pairs:
                break
            best = max(pairs, key=lambda pair: (pairs[pair], pair))
            merges.append(best)
            pieces.append("".join(best))
            counts = Counter({merge_pair(word, best): count for word, count in counts.items()})
        return cls({piece: i for i, piece in enumerate([*pieces, START, END])}, merges)

    def encode_word(self, word: str) -> tuple[int, ...]:
        letters = letters_of(word)
        while len(letters) > 1:
            best = min(zip(letters, letters[1:]), key=lambda pair: self.ranks.get(pair, len(self.ranks)))
            if best not in self.ranks:
                break
            letters = merge_pair(letters, best)
        return tuple(self.vocabulary[letter] for letter in letters)

    def pieces(self, text: str) -> list[int]:
        return [i for word in WORDS.findall(text.lower()) for i in self.encode_word(word)]

    def encode(self, texts: list[str]) -> Tensor:
        """int64 [texts, 77]: start, the words, end; the rest is filled with end."""
        start, end = self.vocabulary[START], self.vocabulary[END]
        tokens = torch.full((len(texts), CONTEXT), end, dtype=torch.long)
        for row, text in zip(tokens, texts):
            ids = self.pieces(text)[: CONTEXT - 2]
            row[: len(ids) + 1] = torch.tensor([start, *ids])
        return tokens

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "vocab.json").write_text(json.dumps(self.vocabulary, ensure_ascii=False))
        (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in self.merges))
        special = {"bos_token": START, "eos_token": END, "pad_token": END, "unk_token": END}
        (folder / "special_tokens_map.json").write_text(json.dumps(special, indent=2))
        config = {"tokenizer_class": "CLIPTokenizer", "model_max_length": CONTEXT, **special, "add_prefix_space": False}
        (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2))

    @classmethod
    def load(cls, folder: Path) -> "Tokenizer":
        lines = (folder / "merges.txt").read_text().splitlines()
        merges = [tuple(line.split(" ")) for line in lines if line and not line.startswith("#version")]
        return cls(json.loads((folder / "vocab.json").read_text()), merges)


def merge_pair(word: tuple[str, ...], pair: tuple[str, str]) -> tuple[str, ...]:
    merged: list[str] = []
    for letter in word:
        if merged and (merged[-1], letter) == pair:
            merged[-1] += letter
        else:
            merged.append(letter)
    return tuple(merged)
