"""Checks of what becomes a picture and what becomes its label."""

import json
import tempfile
from pathlib import Path

from training.data.clipart import read_drawing
from training.data.fetch import fetch_package
from training.data.icons import choose_icons
from training.data.source import IconNames, Source

CLIPART = """<svg xmlns="http://www.w3.org/2000/svg" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:cc="http://web.resource.org/cc/"
xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><dc:title>{title}</dc:title><rdf:li>fruit</rdf:li>
<cc:license rdf:resource="http://web.resource.org/cc/{licence}"/></svg>"""


def a_package_whose_licence_has_changed_is_refused() -> None:
    with tempfile.TemporaryDirectory() as name:
        package = Path(name) / "some-icons@1.0.0" / "package"
        package.mkdir(parents=True)
        (package / "package.json").write_text('{"license": "MIT"}')
        (package / "info.json").write_text('{"license": {"spdx": "CC-BY-NC-4.0"}}')
        try:
            fetch_package(Source("some-icons@1.0.0", "Icons", "MIT", ""), Path(name))
        except ValueError as error:
            assert "CC-BY-NC-4.0" in str(error), error
            return
    raise AssertionError("accepted")


def icon_names_become_labels() -> None:
    names = ("apple-fill", "apple", "bag-suitcase-2-fill", "github-fill", "zzz-fill", "mouse-fill", "pear-fill")
    with tempfile.TemporaryDirectory() as name:
        body = {"body": "<path/>"}
        (Path(name) / "icons.json").write_text(json.dumps({"icons": {icon: body for icon in names}, "height": 24}))
        vocabulary = {"apple", "bag", "suitcase", "github", "mouse"}
        drawings = choose_icons(Path(name), IconNames(ending="-fill"), vocabulary)
    assert [(d.key, d.label) for d in drawings] == [
        ("apple", "apple"), ("bag-suitcase", "bag suitcase"), ("computer-mouse", "computer mouse"),
    ], drawings  # fmt: skip


def only_clipart_that_says_it_is_public_domain_is_used() -> None:
    vocabulary = {"red", "apple", "fruit"}
    free = read_drawing(CLIPART.format(title="Clipart by Somebody - red_apple (B and W)", licence="PublicDomain"), vocabulary)
    assert free is not None and (free.label, free.tags) == ("red apple", ("fruit",)), free
    assert read_drawing(CLIPART.format(title="Red apple", licence="GPL"), vocabulary) is None
    foreign = read_drawing(CLIPART.format(title="Mela rossa", licence="PublicDomain"), vocabulary)
    assert foreign is not None and foreign.label == "fruit", foreign


CHECKS = (
    a_package_whose_licence_has_changed_is_refused,
    icon_names_become_labels,
    only_clipart_that_says_it_is_public_domain_is_used,
)
