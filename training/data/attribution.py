"""ATTRIBUTION.md: what the licences of the training pictures ask to be said, and which licence a pack has for it."""

from pathlib import Path

from training.data.source import Source

MIT_TEXT = """\
> Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
> files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
> modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software
> is furnished to do so, subject to the following conditions: The above copyright notice and this permission notice shall be
> included in all copies or substantial portions of the Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND,
> EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
> NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY,
> WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR
> OTHER DEALINGS IN THE SOFTWARE.
"""  # noqa: E501
REGISTRIES = {"npm": "npm", "debian": "Debian", "pypi": "PyPI"}
# Dedications, which ask nothing of who uses the work.
PUBLIC_DOMAIN = {"CC-PDDC", "CC0-1.0"}


def write_attribution(path: Path, sources: list[Source]) -> None:
    """One line a package, however many styles it holds."""
    rows = "\n".join(
        f"| {source.title} | {REGISTRIES[source.registry]} `{source.package}` | {source.licence} | {source.notice} |"
        for source in dict.fromkeys(sources)
    )
    path.write_text(
        "# Attributions\n\n"
        "The pack was trained on, or measured with, pictures and labels from these packages. "
        "No picture is contained in the pack.\n\n"
        "| source | package | licence | notice |\n| --- | --- | --- | --- |\n"
        f"{rows}\n\nThe MIT licence text:\n\n{MIT_TEXT}"
    )


def licence_of(attribution: Path) -> str:
    """SPDX expression of all licences that the table of sources names; the public domain only where there is nothing else."""
    licences = {row.split("|")[3].strip() for row in rows_of(attribution)}
    return " AND ".join(sorted(licences - PUBLIC_DOMAIN or licences))


def add_credits(attribution: Path, others: Path) -> None:
    """Adds the sources that only `others` names: what went into a pack is in whatever is trained from it."""
    rows = rows_of(attribution)
    added = [row for row in rows_of(others) if row not in rows]
    attribution.write_text(attribution.read_text().replace(rows[-1], "\n".join([rows[-1], *added])))


def rows_of(attribution: Path) -> list[str]:
    """The table's lines, one a source, below its head."""
    return [line for line in attribution.read_text().splitlines() if line.startswith("|")][2:]
