"""Where a pack's components lie."""

import json
from pathlib import Path


def component_folder(pack: Path, name: str) -> Path:
    """In the pack, or in the one beside it that lends it."""
    description = pack / "overpaint.json"
    borrows = json.loads(description.read_text()).get("borrows", {}) if description.exists() else {}
    return (pack.parent / borrows["from"] if name in borrows.get("components", ()) else pack) / name
