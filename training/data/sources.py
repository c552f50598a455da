"""Everything the training pictures come from.

Share-alike and non-commercial sets are left out on purpose: whether weights trained on them are an adaptation is not settled.
"""

from training.data.emoji_sets import EMOJI_STYLES, LABELS
from training.data.icon_sets import ICON_STYLES
from training.data.source import IconNames, Source, Style, Texture

CLIPART = Style(
    "clipart",
    Source(
        "openclipart-svg=1:0.18+dfsg-19",
        "Open Clip Art Library",
        "CC-PDDC",
        "Dedicated to the public domain by the artists; only files that say so themselves are used. https://openclipart.org",
        registry="debian",
    ),
    icons=IconNames(categories=(
        "animals", "buildings", "containers", "electronics", "food", "plants", "recreation", "tools", "transportation",
    )),
)  # fmt: skip

STYLES = (*EMOJI_STYLES, *ICON_STYLES, CLIPART)

PAPERS = Source(
    "mypaint-data-extras=2.0.1-9",
    "MyPaint paper backgrounds",
    "CC0-1.0",
    "By Ramón Miranda and MrMamurk. https://www.mypaint.app",
    registry="debian",
)
PHOTOGRAPHS = Source(
    "scikit-image==0.26.0",
    "Photographs in scikit-image",
    "CC0-1.0",
    "Bricks and gravel from cc0textures.com, grass by linolafett (all CC0); the Hubble deep field by NASA (public domain). https://scikit-image.org",
    registry="pypi",
)  # fmt: skip
PAPER_FOLDER = "usr/share/mypaint/backgrounds"
TEXTURES = {
    PAPERS: (
        Texture(f"{PAPER_FOLDER}/ramon/HR_Canvas 01.png", "{colour} canvas"),
        Texture(f"{PAPER_FOLDER}/ramon/HR_Canvas 02.png", "{colour} canvas"),
        Texture(f"{PAPER_FOLDER}/ramon/HR_DecoPaper.png", "{colour} patterned paper"),
        Texture(f"{PAPER_FOLDER}/ramon/HR_PastelPaper 01.png", "{colour} pastel paper"),
        Texture(f"{PAPER_FOLDER}/ramon/HR_RoughPaper.png", "{colour} rough paper"),
        Texture(f"{PAPER_FOLDER}/ramon/HR_SketchPaper.png", "{colour} sketch paper"),
        Texture(f"{PAPER_FOLDER}/ramon/HR_WaterColor.png", "{colour} watercolor paper"),
        Texture(f"{PAPER_FOLDER}/mrmamurk/mamurk_a_1.png", "{colour} paper"),
        Texture(f"{PAPER_FOLDER}/mrmamurk/mamurk_c_3.png", "{colour} paper"),
        Texture(f"{PAPER_FOLDER}/mrmamurk/mamurk_e_1.png", "{colour} paper"),
    ),
    PHOTOGRAPHS: (
        Texture("skimage/data/brick.png", "a {colour} brick wall"),
        Texture("skimage/data/grass.png", "{colour} grass"),
        Texture("skimage/data/gravel.png", "{colour} gravel"),
        Texture("skimage/data/hubble_deep_field.jpg", "a sky full of galaxies"),
    ),
}

__all__ = ["CLIPART", "LABELS", "STYLES", "TEXTURES"]
