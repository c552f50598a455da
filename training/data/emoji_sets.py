"""Emoji sets: the same concepts in many styles, with labels people wrote for them."""

from training.data.source import CC_BY, Source, Style

LABELS = Source(
    "emojibase-data@17.0.0", "Emoji labels and tags", "MIT", "Copyright (c) 2017-2019, Miles Johnson. https://emojibase.dev"
)

# Share-alike sets are left out on purpose: whether weights trained on them are an adaptation is not settled.
EMOJI_STYLES = (
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
            f"Copyright Twitter, Inc and other contributors. {CC_BY.format(version='4.0')} https://github.com/twitter/twemoji",
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
            f"Copyright Ranks.com Inc. {CC_BY.format(version='4.0')} https://github.com/EmojiTwo/emojitwo",
        ),
    ),
    Style(
        "outlined",
        Source(
            "@iconify-json/streamline-emojis@1.2.4",
            "Streamline Emojis",
            "CC-BY-4.0",
            f"Copyright Streamline. {CC_BY.format(version='4.0')} https://github.com/webalys-hq/streamline-vectors",
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
        held_out=True,
    ),
    Style(
        "monochrome",
        Source(
            "@iconify-json/fluent-emoji-high-contrast@1.2.6",
            "Fluent Emoji High Contrast",
            "MIT",
            "Copyright (c) Microsoft Corporation. https://github.com/microsoft/fluentui-emoji",
        ),
        monochrome=True,
    ),
    Style(
        "stencil",
        Source(
            "@iconify-json/emojione-monotone@1.2.1",
            "EmojiOne 2, monotone",
            "CC-BY-4.0",
            f"Copyright Ranks.com Inc. {CC_BY.format(version='4.0')} https://github.com/EmojiTwo/emojitwo",
        ),
        monochrome=True,
    ),
)
