"""Lists of concepts: one key a line, `#` starts a comment."""

from pathlib import Path


def read_concept_list(path: Path) -> list[str]:
    lines = (line.split("#")[0].strip() for line in path.read_text().splitlines())
    return [line for line in lines if line]
