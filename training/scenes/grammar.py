"""As much English as captions need."""

COUNTS = {2: "two", 3: "three", 4: "four", 5: "five"}
IRREGULAR = {
    "mouse": "mice", "fish": "fish", "sheep": "sheep", "deer": "deer", "tooth": "teeth", "foot": "feet", "person": "people",
    "man": "men", "woman": "women", "child": "children", "leaf": "leaves", "knife": "knives", "wolf": "wolves",
    "loaf": "loaves", "ox": "oxen", "squid": "squid", "moose": "moose",
}  # fmt: skip
# What comes in no number, or says more than the name of a thing.
UNCOUNTABLE = set(
    "bread broccoli sushi rice money luggage clothing fire water rain lightning jeans hair art milk cash bacon music popcorn "
    "butter honey cheese garlic ginger salt ice fog tornado sunrise sunset red blue green black white new open".split()
)
PLURALS = {"people", *IRREGULAR.values()} - {"fish", "sheep", "deer", "squid", "moose"}
# Both words of a name that begins so have a plural.
PEOPLE = {"man", "woman", "men", "women", "person"}
PLURAL_ENDINGS = ("ss", "us", "is")  # that are none


def is_plural(name: str) -> bool:
    return name.split()[-1] in PLURALS or name.endswith("s") and not name.endswith(PLURAL_ENDINGS)


def with_article(name: str) -> str:
    if is_plural(name.split(" with ")[0].split(" of ")[0]):
        return name
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def without_article(name: str) -> str:
    first, _, rest = name.partition(" ")
    return rest if first in ("a", "an", "the") and rest else name


def plural(name: str) -> str | None:
    """Of a name of one or two plain words; None where more of it would be odd to say."""
    words = name.split()
    last, plain = words[-1], all(word.isalpha() and not word.endswith("ed") for word in words)
    if (
        not plain
        or len(words) > 2
        or is_plural(last)
        or UNCOUNTABLE & {last, words[0]}
        or len(words) == 2
        and words[0] in PEOPLE
    ):
        return None
    if last in IRREGULAR:
        last = IRREGULAR[last]
    elif last.endswith(("s", "x", "z", "ch", "sh")):
        last += "es"
    elif last.endswith("y") and last[-2:-1] not in "aeiou":
        last = last[:-1] + "ies"
    else:
        last += "es" if last in ("tomato", "potato", "mango", "volcano", "hero") else "s"
    return " ".join([*words[:-1], last])


def listed(parts: list[str]) -> str:
    """ "a", "a and b", "a, b and c" """
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
