"""From pairs to clusters: who belongs together, without chains that join what nobody would join."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

MOST_MEMBERS = 40
"""A cluster does not grow beyond this; a person could not judge it."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A pair of row numbers with its score and whether it is sure."""

    a: int
    b: int
    score: float
    sure: bool


@dataclass(frozen=True, slots=True)
class Cluster:
    """Members (row numbers, ascending), whether every link in it is sure, and its weakest link's score."""

    members: tuple[int, ...]
    sure: bool
    score: float


def cluster(
    edges: Iterable[Edge],
    may_join: Callable[[set[int], set[int]], bool],
    share: float = 0.5,
    sure_share: float = 0.5,
) -> list[Cluster]:
    """Return the sure clusters, then the unsure ones, which may hold sure ones.

    The strongest edges are taken first. Two groups join if `may_join` allows it and at least `share` of
    the pairs between them are edges; sure ones if at least `sure_share` of them are sure edges.
    """
    ordered = sorted(edges, key=lambda edge: (not edge.sure, -edge.score, edge.a, edge.b))
    groups = _Groups(_keys(edge for edge in ordered if edge.sure), may_join, sure_share)
    for edge in ordered:
        if edge.sure:
            groups.join(edge)
    sure = {
        key: Cluster(tuple(sorted(members)), True, groups.weakest[key])
        for key, members in groups.members.items()
        if len(members) > 1
    }
    groups.linked, groups.share = _keys(ordered), share
    for edge in ordered:
        groups.join(edge)
    found = list(sure.values())
    known = {one.members for one in found}
    for key, members in groups.members.items():
        ordered_members = tuple(sorted(members))
        if len(members) > 1 and ordered_members not in known:
            found.append(Cluster(ordered_members, False, groups.weakest[key]))
    return sorted(found, key=lambda one: (not one.sure, -one.score, one.members))


def _keys(edges: Iterable[Edge]) -> set[tuple[int, int]]:
    return {(min(edge.a, edge.b), max(edge.a, edge.b)) for edge in edges}


class _Groups:
    def __init__(
        self,
        linked: set[tuple[int, int]],
        may_join: Callable[[set[int], set[int]], bool],
        share: float,
    ) -> None:
        self.linked = linked
        self.may_join = may_join
        self.share = share
        self.of: dict[int, int] = {}
        self.members: dict[int, set[int]] = {}
        self.weakest: dict[int, float] = {}

    def _group(self, member: int) -> int:
        if member not in self.of:
            self.of[member] = member
            self.members[member] = {member}
            self.weakest[member] = 1.0
        return self.of[member]

    def join(self, edge: Edge) -> None:
        """Join the groups of both ends if nothing stands against it."""
        x, y = self._group(edge.a), self._group(edge.b)
        if x == y:
            return
        one, two = self.members[x], self.members[y]
        if len(one) + len(two) > MOST_MEMBERS or not self._close(one, two) or not self.may_join(one, two):
            return
        if len(one) < len(two):
            x, y, one, two = y, x, two, one
        one |= two
        for member in two:
            self.of[member] = x
        self.weakest[x] = min(self.weakest[x], self.weakest[y], edge.score)
        del self.members[y], self.weakest[y]

    def _close(self, one: set[int], two: set[int]) -> bool:
        if len(one) == 1 and len(two) == 1:
            return True
        links = sum((min(a, b), max(a, b)) in self.linked for a in one for b in two)
        return links >= self.share * len(one) * len(two)
