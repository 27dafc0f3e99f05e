"""What is shipped may be shipped: the licences of all runtime dependencies, as they are installed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
FREE = re.compile(
    r"\b(MIT|BSD|Apache|ISC|MPL|Mozilla Public License|PSF|Python Software Foundation|Zlib|Unlicense|CC0"
    r"|0BSD|HPND)\b",
    re.IGNORECASE,
)
COPYLEFT = re.compile(r"\bA?GPL|GNU (Affero )?General Public", re.IGNORECASE)
LESSER = re.compile(r"\bLGPL|GNU Lesser|GNU Library or Lesser", re.IGNORECASE)
LESSER_ALLOWED = {"pyside6-essentials", "shiboken6", "psycopg", "psycopg-binary"}
"""Used unchanged as libraries of their own, which the LGPL allows; Qt and the PostgreSQL driver."""


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def runtime() -> dict[str, Distribution]:
    """Return every distribution that the product needs on this platform."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found: dict[str, Distribution] = {}
    waiting = [Requirement(line) for line in project["dependencies"]]
    while waiting:
        wanted = waiting.pop()
        name = canonical(wanted.name)
        if name in found and not wanted.extras:
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            continue
        waiting += needed_by(found[name], wanted.extras)
    return found


def needed_by(package: Distribution, extras: set[str]) -> Iterator[Requirement]:
    for line in package.requires or []:
        requirement = Requirement(line)
        if requirement.marker is None or any(
            requirement.marker.evaluate({"extra": extra}) for extra in ("", *extras)
        ):
            yield requirement


def licence_of(package: Distribution) -> str:
    about = package.metadata
    classifiers = [line for line in about.get_all("Classifier") or [] if line.startswith("License")]
    stated = about.get("License-Expression") or ""
    words = about.get("License") or ""
    return " | ".join(part for part in (stated, *classifiers, words[:200]) if part)


def test_the_runtime_is_known() -> None:
    assert {"pyside6-essentials", "sqlalchemy", "polars", "psycopg-binary"} <= set(runtime())
    assert "pytest" not in runtime()


@pytest.mark.parametrize("name", sorted(runtime()))
def test_licence_allows_shipping(name: str) -> None:
    licence = licence_of(runtime()[name])
    if LESSER.search(licence):
        assert name in LESSER_ALLOWED, licence
        return
    assert not COPYLEFT.search(licence), licence
    assert FREE.search(licence), licence or "no licence is stated"
