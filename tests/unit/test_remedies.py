"""Everything that `check` can find has something to do about it."""

from __future__ import annotations

import ast
import inspect

from desktop.store import audit_check, integrity
from desktop.store.remedies import REMEDIES, remedy_of


def test_every_problem_has_a_remedy() -> None:
    codes = set()
    for module in (integrity, audit_check):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                if name in ("Problem", "Finding", "_find", "found", "tell", "_tell"):
                    codes.add(str(node.args[0].value))
    assert set(REMEDIES) <= codes
    assert all(remedy_of(code) for code in codes)
