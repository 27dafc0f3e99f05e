"""Keys that seal workbooks: the public ones that the database knows, and the private one that is this person's here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from desktop.errors import InvalidInput, UserError
from desktop.exporters.large_seal import sealed_book
from desktop.exporters.signature import Signer, key_id_of, proof_of
from desktop.exporters.verify import Difference
from desktop.i18n import N_
from desktop.models.people import Person
from desktop.models.reports import SealKey
from desktop.secrets import recall
from desktop.store.workspace import Work
from desktop.terms import Role, Verdict

SEALS = {
    "valid": N_("The seal is valid."),
    "broken": N_("The seal does not fit: what it signs was changed."),
    "unknown_key": N_("The seal was made with a key that is not among the given ones."),
    "none": N_("The file bears no seal."),
}
"""What there is to say of a seal, by `OfflineVerdict.seal`: gettext ids."""


@dataclass(frozen=True, slots=True)
class KeyRow:
    """One public key: whose it is, since when, and from when on another one has taken its place."""

    id: int
    key_id: str
    public_key: str
    person_id: int
    person: str
    made_at: datetime
    retired_at: datetime | None
    retired_by: str


def seal_keys(work: Work) -> list[KeyRow]:
    """Return all public keys, the newest first."""
    rows = work.rows(
        select(SealKey, Person.name, Person.role)
        .join(Person, Person.id == SealKey.made_by_id)
        .order_by(SealKey.id.desc())
    )
    owners = {row.SealKey.id: row.SealKey.made_by_id for row in rows}
    # A stranger's claim to replace a key counts for nothing.
    after = {
        row.SealKey.replaces_id: row
        for row in rows
        if owners.get(row.SealKey.replaces_id) == row.SealKey.made_by_id or row.role == Role.ADMIN
    }
    return [
        KeyRow(
            row.SealKey.id,
            row.SealKey.key_id,
            row.SealKey.public_key,
            row.SealKey.made_by_id,
            row.name,
            row.SealKey.made_at,
            after[row.SealKey.id].SealKey.made_at if row.SealKey.id in after else None,
            after[row.SealKey.id].name if row.SealKey.id in after else "",
        )
        for row in rows
    ]


def own_key(work: Work) -> KeyRow | None:
    """Return the acting person's key that is not retired and whose private half is in this vault."""
    for row in seal_keys(work):
        if row.person_id == work.actor.person_id and row.retired_at is None and _private(row.key_id):
            return row
    return None


def signer(work: Work) -> Signer | None:
    """Return what seals workbooks here, None where there is no key or no vault."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    row = own_key(work)
    secret = _private(row.key_id) if row else None
    if row is None or secret is None:
        return None
    return Signer(row.key_id, Ed25519PrivateKey.from_private_bytes(secret).sign)


def vault_name(key_id: str) -> str:
    """Return the name under which a private key lies in the vault."""
    return f"seal key {key_id}"


def _private(key_id: str) -> bytes | None:
    try:
        found = recall(vault_name(key_id))
        return bytes.fromhex(found) if found else None
    except (UserError, ValueError):
        return None


def known_keys(work: Work) -> dict[str, bytes]:
    """Return the public keys that the database knows, by what they are called; one that is called otherwise is none."""
    keys = {row.key_id: bytes.fromhex(row.public_key) for row in seal_keys(work)}
    return {name: key for name, key in keys.items() if key_id_of(key) == name}


def keys_document(rows: Sequence[KeyRow]) -> str:
    """Return the public keys as the file that proves workbooks without the database."""
    keys = [
        {
            "key": row.key_id,
            "public": row.public_key,
            "person": row.person,
            "since": row.made_at.isoformat(),
            "until": row.retired_at.isoformat() if row.retired_at else None,
        }
        for row in rows
    ]
    return json.dumps({"plumbline_keys": 1, "keys": keys}, ensure_ascii=False, indent=1) + "\n"


def keys_from(text: str, name: str) -> Mapping[str, bytes]:
    """Return the public keys of such a file; raise InvalidInput if it is none."""
    try:
        found = {str(item["key"]): bytes.fromhex(item["public"]) for item in json.loads(text)["keys"]}
    except (ValueError, KeyError, TypeError) as problem:
        raise InvalidInput(
            "keys_unreadable",
            N_("{file} is no file of public keys."),
            remedy=N_("Ask for one made by: plumbline seal --keys FILE"),
            file=name,
        ) from problem
    return {key: public for key, public in found.items() if key_id_of(public) == key}


@dataclass(frozen=True, slots=True)
class OfflineVerdict:
    """What a workbook proves without the database: its content as it was sealed, or the cells that are others.

    Bytes are not looked at, so nothing is ever called genuine here. `seal`: valid, broken, unknown_key, none.
    """

    verdict: Verdict
    seal: str
    report: str
    approved: str
    key_id: str
    changed: tuple[tuple[str, str], ...]

    @property
    def differences(self) -> tuple[Difference, ...]:
        """The changed cells; what they held only the database knows."""
        return tuple(Difference(sheet, cell, "", "") for sheet, cell in self.changed)


def verify_offline(content: bytes, name: str, keys: Mapping[str, bytes]) -> OfflineVerdict:
    """Tell what a workbook proves with the public keys one trusts; raises InvalidInput if it is unreadable."""
    book, tall = sealed_book(content, name)
    proof = proof_of(book, keys, tall)
    if proof is None:
        return OfflineVerdict(Verdict.UNKNOWN, "none", "", "", "", ())
    if not proof.signed:
        # Whose seal it is cannot be told, or what is signed was itself changed: then nothing in it proves anything.
        verdict = Verdict.ALTERED if proof.known else Verdict.UNKNOWN
        seal = "broken" if proof.known else "unknown_key"
    else:
        same = Verdict.FILLED if proof.filled else Verdict.RESAVED
        verdict, seal = (same if proof.same else Verdict.ALTERED), "valid"
    changed = proof.filled if verdict is Verdict.FILLED else proof.changed
    return OfflineVerdict(verdict, seal, proof.number, proof.approved, proof.key_id, changed)
