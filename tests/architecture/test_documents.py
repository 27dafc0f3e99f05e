"""What the documents point at is there: files, pictures, commands; both guides say the same things."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from desktop.cli.main import build
from desktop.i18n import Locale

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    "README.md",
    "CONTRIBUTING.md",
    *sorted(str(p.relative_to(ROOT)) for p in ROOT.glob("docs/**/*.md")),
]
GUIDES = ["docs/user-guide/zh_CN.md", "docs/user-guide/en.md"]
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
LARGEST_PICTURE = 300_000


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    links = [link for link in LINK.findall(text_of(name)) if "://" not in link]
    assert [link for link in links if not ((ROOT / name).parent / link).resolve().exists()] == []


@pytest.mark.parametrize("name", GUIDES)
def test_the_guide_names_every_command_and_no_other(name: str) -> None:
    table = [line for line in text_of(name).splitlines() if line.startswith("| `plumbline")]
    named = set()
    for line in table:
        first = line.split("|")[1]
        for quoted in re.findall(r"`([^`]+)`", first):
            for part in quoted.removeprefix("plumbline ").split(" / "):
                named.add(part.split()[0])
    known = set(build(Locale("en")).commands)
    users = {"add", "move", "password", "close", "list"}
    assert named - users == known
    assert users <= set(build(Locale("en")).commands["user"].commands)


def test_both_guides_have_the_same_sections_and_pictures() -> None:
    shapes = []
    for name in GUIDES:
        lines = text_of(name).splitlines()
        shapes.append([re.sub(r"[^#\d.]+.*", "", line) for line in lines if re.match(r"#{2,3} ", line)])
    assert shapes[0] == shapes[1]
    pictures = [
        [Path(link).stem.removesuffix("_en") for link in LINK.findall(text_of(name)) if link.endswith(".png")]
        for name in GUIDES
    ]
    assert pictures[0] == pictures[1]


def test_pictures_are_small_and_used() -> None:
    used = {Path(link).name for name in DOCUMENTS for link in LINK.findall(text_of(name))}
    found = sorted((ROOT / "docs" / "pictures").glob("*.png"))
    assert found
    assert [path.name for path in found if path.stat().st_size > LARGEST_PICTURE] == []
    assert [path.name for path in found if path.name not in used] == []
