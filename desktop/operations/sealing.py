"""Keys that seal workbooks are made, and replaced by newer ones (RPT-07)."""

from __future__ import annotations

from desktop.errors import UserError
from desktop.exporters.signature import key_id_of
from desktop.models.reports import SealKey
from desktop.queries.seals import KeyRow, own_key, seal_keys, vault_name
from desktop.secrets import is_available, keep
from desktop.store.workspace import Work, Workspace


def new_seal_key(work: Work) -> KeyRow:
    """Make a key pair: the private half goes into this machine's vault, the public one into the database.

    The person's key here until now is retired; what it sealed stays proven. Raises UserError without a vault.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    former = own_key(work)
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    key_id = key_id_of(public)
    # First the vault: a public key without its private half would only confuse.
    keep(vault_name(key_id), private.private_bytes_raw().hex())
    made = SealKey(
        key_id=key_id,
        public_key=public.hex(),
        made_by_id=work.actor.person_id,
        made_at=work.now,
        replaces_id=former.id if former else None,
    )
    work.session.add(made)
    work.session.flush()
    work.audit("new_seal_key", "seal_key", made.id, key=key_id, replaces=former.key_id if former else None)
    return next(row for row in seal_keys(work) if row.id == made.id)


def ready_to_seal(work: Work) -> None:
    """Make the person's first key on this machine; where there is no vault, workbooks go out unsealed."""
    if own_key(work) is None:
        try:
            new_seal_key(work)
        except UserError as problem:
            if problem.code != "vault_unavailable":
                raise


def prepare_seal(workspace: Workspace) -> None:
    """Do the same from outside a transaction; nothing is written where there is a key, or no vault for one."""
    if workspace.read(own_key) is None and is_available():
        workspace.write(ready_to_seal)
