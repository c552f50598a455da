"""Refuses what is asked for by name and is not there."""

from collections.abc import Collection

SHOWN = 12  # of the allowed names: concepts are thousands


def require_known(what: str, asked: Collection[str], allowed: Collection[str]) -> None:
    """Raises ValueError with the unknown names and the first of the allowed ones. `what`: their plural, "styles"."""
    unknown = [name for name in asked if name not in allowed]
    if unknown:
        listed = ", ".join(sorted(allowed)[:SHOWN]) + (", …" if len(allowed) > SHOWN else "")
        raise ValueError(f"no such {what}: {', '.join(unknown[:SHOWN])}; there are {listed}")
