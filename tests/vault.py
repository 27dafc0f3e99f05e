"""A password vault that lives in memory, so that tests never touch the user's own."""

from __future__ import annotations

from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError


class MemoryVault(KeyringBackend):
    """Keeps secrets for the life of this object."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self._secrets: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """Return the secret, or None."""
        return self._secrets.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a secret."""
        self._secrets[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Forget a secret; raise PasswordDeleteError if there is none."""
        if self._secrets.pop((service, username), None) is None:
            raise PasswordDeleteError(username)
