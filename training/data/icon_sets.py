"""Icon and illustration sets: wider than emoji, one style each, labelled by the icons' own names."""

from training.data.source import CC_BY, IconNames, Source, Style


def streamline(package: str, title: str) -> Source:
    notice = f"Copyright Streamline. {CC_BY.format(version='4.0')} https://github.com/webalys-hq/streamline-vectors"
    return Source(f"@iconify-json/{package}", title, "CC-BY-4.0", notice)


PHOSPHOR = Source(
    "@iconify-json/ph@1.2.2",
    "Phosphor Icons",
    "MIT",
    "Copyright (c) 2023 Phosphor Icons. https://github.com/phosphor-icons/core",
)
PHOSPHOR_WEIGHTS = ("-bold", "-light", "-thin", "-duotone", "-fill")

ICON_STYLES = (
    Style("line", PHOSPHOR, icons=IconNames(other_endings=PHOSPHOR_WEIGHTS, most_words=2), monochrome=True),
    Style("solid", PHOSPHOR, icons=IconNames(ending="-fill", most_words=2), monochrome=True),
    Style(
        "pixel",
        Source(
            "@iconify-json/pixelarticons@1.2.9",
            "Pixelarticons",
            "MIT",
            "Copyright (c) Gerrit Halfmann. https://github.com/halfmage/pixelarticons",
        ),
        icons=IconNames(other_endings=("-sharp", "-solid"), most_words=2),
        monochrome=True,
    ),
    Style(
        "engraved",
        Source(
            "@iconify-json/game-icons@1.2.4",
            "Game Icons",
            "CC-BY-3.0",
            f"By Lorc, Delapouite and contributors. {CC_BY.format(version='3.0')} https://game-icons.net",
        ),
        icons=IconNames(most_words=1),
        monochrome=True,
    ),
    Style(
        "two-tone",
        Source(
            "@iconify-json/icon-park@1.2.4",
            "IconPark",
            "Apache-2.0",
            "Copyright (c) 2019-present, ByteDance Ltd. https://github.com/bytedance/IconPark",
        ),
        icons=IconNames(
            categories=(
                "Animals", "Baby", "Build", "Clothes", "Energy", "Foods", "Game", "Hands", "Hardware", "Health", "Life",
                "Makeups", "Music", "Office", "Peoples", "Sports", "Time", "Travel", "Weather",
            )
        ),
    ),
    Style(
        "basic",
        Source(
            "@iconify-json/flat-color-icons@1.2.3",
            "Flat Color Icons",
            "MIT",
            "Copyright (c) Icons8. https://github.com/icons8/flat-color-icons",
        ),
        icons=IconNames(),
    ),
    Style(
        "gradient",
        Source(
            "@iconify-json/fluent-color@1.2.21",
            "Fluent UI System Color Icons",
            "MIT",
            "Copyright (c) Microsoft Corporation. https://github.com/microsoft/fluentui-system-icons",
        ),
        icons=IconNames(),
    ),
    Style("cartoon", streamline("streamline-ultimate-color@1.2.2", "Streamline Ultimate"), icons=IconNames()),
    Style("doodle", streamline("streamline-freehand-color@1.2.2", "Streamline Freehand"), icons=IconNames()),
    Style("plump", streamline("streamline-plump-color@1.2.2", "Streamline Plump"), icons=IconNames(other_endings=("-flat",))),
    Style("badge", streamline("streamline-kameleon-color@1.2.2", "Streamline Kameleon"),
          icons=IconNames(other_endings=("-duo",))),
    Style("decal", streamline("streamline-stickies-color@1.2.2", "Streamline Stickies"),
          icons=IconNames(other_endings=("-duo",))),
)  # fmt: skip
