"""Which words of a title or an icon's name make a label."""

from collections.abc import Iterable

from training.data.concepts import Concept

# True of a picture, but of too many: they would be learnt as the name of all of them.
TOO_WIDE = set(
    "action add animal app art background black blue cartoon clip color container creature design food game games garden green "
    "hash holiday human icon image link misc music nature object off outline on people person plant private red religion shape "
    "sign silhouette sport sports symbol text thing tool transport transportation travel various vehicle white yellow".split()
)


def vocabulary_of(concepts: Iterable[Concept]) -> set[str]:
    """The words that people describe emoji with: English, about things, and about nothing unfit for a picture book."""
    return {
        word
        for concept in concepts
        for text in (concept.label, *concept.tags)
        for word in text.lower().split()
        if word.isalpha()
    }


def is_telling(text: str, most_words: int, vocabulary: set[str]) -> bool:
    words = text.split()
    known = all(word in vocabulary and len(word) > 2 for word in words)
    return 1 <= len(words) <= most_words and known and text not in TOO_WIDE
