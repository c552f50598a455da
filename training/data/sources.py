"""The packages the training pictures come from, with what their licences ask to be said."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Source:
    package: str  # npm package and exact version
    title: str
    licence: str  # SPDX identifier
    notice: str  # goes into ATTRIBUTION.md word for word


@dataclass(frozen=True)
class Style:
    name: str  # the word a prompt can name the style by
    source: Source
    role: str = "train"  # "held-out" styles are only ever used to measure


LABELS = Source(
    "emojibase-data@17.0.0", "Emoji labels and tags", "MIT", "Copyright (c) 2017-2019, Miles Johnson. https://emojibase.dev"
)

# Share-alike sets are left out on purpose: whether weights trained on them are an adaptation is not settled.
STYLES = (
    Style(
        "noto",
        Source(
            "@iconify-json/noto@1.2.9",
            "Noto Emoji",
            "Apache-2.0",
            "Copyright Google LLC. https://github.com/googlefonts/noto-emoji",
        ),
    ),
    Style(
        "flat",
        Source(
            "@iconify-json/twemoji@1.2.5",
            "Twemoji",
            "CC-BY-4.0",
            "Copyright Twitter, Inc and other contributors. Graphics licensed under CC-BY 4.0, https://creativecommons.org/licenses/by/4.0/. Used as training pictures, scaled and composed into scenes. https://github.com/twitter/twemoji",
        ),
    ),
    Style(
        "3d",
        Source(
            "@iconify-json/fluent-emoji@1.2.7",
            "Fluent Emoji",
            "MIT",
            "Copyright (c) Microsoft Corporation. https://github.com/microsoft/fluentui-emoji",
        ),
    ),
    Style(
        "simple",
        Source(
            "@iconify-json/fluent-emoji-flat@1.2.6",
            "Fluent Emoji Flat",
            "MIT",
            "Copyright (c) Microsoft Corporation. https://github.com/microsoft/fluentui-emoji",
        ),
    ),
    Style(
        "blob",
        Source(
            "@iconify-json/noto-v1@1.2.5",
            "Noto Emoji, first design",
            "Apache-2.0",
            "Copyright Google LLC. https://github.com/googlefonts/noto-emoji",
        ),
    ),
    Style(
        "classic",
        Source(
            "@iconify-json/emojione@1.2.3",
            "EmojiOne 2",
            "CC-BY-4.0",
            "Copyright Ranks.com Inc. Graphics licensed under CC-BY 4.0, https://creativecommons.org/licenses/by/4.0/. Used as training pictures, scaled and composed into scenes. https://github.com/EmojiTwo/emojitwo",
        ),
    ),
    Style(
        "outlined",
        Source(
            "@iconify-json/streamline-emojis@1.2.4",
            "Streamline Emojis",
            "CC-BY-4.0",
            "Copyright Streamline. Graphics licensed under CC-BY 4.0, https://creativecommons.org/licenses/by/4.0/. Used as training pictures, scaled and composed into scenes. https://github.com/webalys-hq/streamline-vectors",
        ),
    ),
    Style(
        "firefox",
        Source(
            "@iconify-json/fxemoji@1.2.2",
            "Firefox OS Emoji",
            "Apache-2.0",
            "Copyright Mozilla Foundation. https://github.com/mozilla/fxemoji",
        ),
        role="held-out",
    ),
)
