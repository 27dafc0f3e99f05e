"""Passwords live in the operating system's vault, never in a file (PLT-03)."""

from __future__ import annotations

from desktop.errors import UserError
from desktop.i18n import N_

SERVICE = "Plumbline"


def _vault_problem(detail: object) -> UserError:
    return UserError(
        "vault_unavailable",
        N_("The operating system's password vault cannot be used: {detail}"),
        remedy=N_("Unlock it, or enter the password each time; it is never written to a file."),
        detail=detail,
    )


def is_available() -> bool:
    """Whether there is a vault at all; it may be locked."""
    import keyring
    from keyring.backends import fail

    return not isinstance(keyring.get_keyring(), fail.Keyring)


def recall(name: str) -> str | None:
    """Return the secret kept under a name, or None; raise UserError where the vault is locked."""
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(SERVICE, name)
    except KeyringError as error:
        raise _vault_problem(error) from error


def keep(name: str, secret: str) -> None:
    """Keep a secret under a name; raise UserError where the vault is locked or missing."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(SERVICE, name, secret)
    except KeyringError as error:
        raise _vault_problem(error) from error


def forget(name: str) -> None:
    """Remove the secret kept under a name, if there is one."""
    import keyring
    from keyring.errors import KeyringError, PasswordDeleteError

    try:
        keyring.delete_password(SERVICE, name)
    except PasswordDeleteError:
        return
    except KeyringError as error:
        raise _vault_problem(error) from error
