"""Icon sets whose only words are the icons' names: which icons show a thing, and what to call it."""

import json
import re
from pathlib import Path

from training.data.concepts import Drawing, iconify_drawing, slug
from training.data.source import IconNames
from training.data.words import is_telling

# Trademarks are nobody's clip art, and a prompt should not learn to draw them.
BRANDS = set(
    "logo brand amazon android angular apple-music arduino asana bbc behance bing bitbucket blackberry blogger chrome codepen "
    "deviantart discord dribbble dropbox ebay edge evernote excel facebook fediverse figma firefox gameboy gmail flickr "
    "foursquare github gitlab google gopro html instagram intercom ipad iphone ipod itunes kickstarter kindle lego mac "
    "linkedin linux mario medium messenger microsoft mozilla nintendo nook npm opera oracle pacman patreon paypal pinterest "
    "playstation pokemon quora reddit sega skype slack snapchat sonos soundcloud spotify steam stripe stumbleupon swiss teams "
    "telegram tesla tetris tiktok tumblr twitch twitter viber vimeo visa vk wechat weibo vercel vespa vlc whatsapp wii "
    "wikipedia windows wordpress xbox yahoo yelp youtube zoom".split()
)
# Words about the drawing, or about an interface, that name nothing to be seen.
SILENT_WORDS = set("one two three four alt simple variant new flat multiple".split())
# An emoji of this name shows another thing than an icon of it: the animal, not the device.
OTHER_THINGS = {"mouse": "computer mouse"}


def choose_icons(package: Path, names: IconNames, vocabulary: set[str]) -> list[Drawing]:
    """One drawing a label, the first by name of several sizes or numbers; labels are made of words in `vocabulary`."""
    icons = json.loads((package / "icons.json").read_text())
    metadata = json.loads((package / "metadata.json").read_text()) if names.categories else {"categories": {}}
    wanted = {name for category in names.categories for name in metadata["categories"].get(category, [])}
    found: dict[str, Drawing] = {}
    for name, icon in sorted(icons["icons"].items()):
        if names.categories and name not in wanted or icon.get("hidden"):
            continue
        if not name.endswith(names.ending) or name.endswith(names.other_endings):
            continue
        label = label_of(name.removesuffix(names.ending))
        if not is_telling(label, names.most_words, vocabulary) or BRANDS & set(label.split()):
            continue
        label = OTHER_THINGS.get(label, label)
        found.setdefault(slug(label), Drawing(slug(label), label, (), iconify_drawing(icons, icon)))
    return list(found.values())


def label_of(name: str) -> str:
    """An icon's name without its numbers and the words that only tell drawings of one thing apart."""
    words = re.sub(r"(-\d+|\d+)$", "", name).split("-")
    while len(words) > 1 and words[-1] in SILENT_WORDS:
        words.pop()
    return " ".join(words)
