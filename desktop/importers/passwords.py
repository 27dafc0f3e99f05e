"""Workbooks behind a password, opened with the passwords a person gave; none is ever written anywhere."""

from __future__ import annotations

import base64
import hashlib
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.parsers import expat

from desktop.errors import InvalidInput
from desktop.i18n import N_

DEFAULT_PASSWORD = "VelvetSweatshop"
"""With it Excel locks workbooks that are read-only but not secret."""

_MAX_ROUNDS = 5_000_000
_MAX_MEMORY_KIB = 256 * 1024
_MAX_PART_BYTES = 1_200_000_000


def encrypted(tried: bool = False) -> InvalidInput:
    """Return the error of a file that opens only with a password; `tried` says that those given were wrong."""
    return InvalidInput(
        "encrypted",
        N_("The password that was given does not open the file.")
        if tried
        else N_("The file is protected by a password."),
        remedy=N_(
            "Give its password, or open it in Excel or WPS, remove the password (File › Info) and save it."
        ),
    )


def is_locked_book(path: Path) -> bool:
    """Whether an OLE2 file is locked by a password."""
    import msoffcrypto

    try:
        with path.open("rb") as stream:
            return bool(msoffcrypto.OfficeFile(stream).is_encrypted())
    except Exception:
        return False


def unlock_book(path: Path, target: Path, passwords: Sequence[str] = ()) -> None:
    """Write the plain workbook of an encrypted .xlsx or .xls to `target`; InvalidInput if no password fits."""
    for password in dict.fromkeys([DEFAULT_PASSWORD, *passwords]):
        if password and _unlocked(path, target, password):
            return
    target.unlink(missing_ok=True)
    raise encrypted(tried=bool(passwords))


def _unlocked(path: Path, target: Path, password: str) -> bool:
    import msoffcrypto

    for verify in ({"verify_password": True}, {}):
        try:
            with path.open("rb") as stream, target.open("wb") as plain:
                book: Any = msoffcrypto.OfficeFile(stream)
                if "verify_password" not in book.load_key.__code__.co_varnames and verify:
                    continue
                book.load_key(password=password, **verify)
                book.decrypt(plain)
            with target.open("rb") as stream:
                head = stream.read(8)
        except MemoryError:
            raise
        except Exception:
            # The library raises errors of many kinds for a wrong password and for a damaged file alike.
            continue
        if head.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
            return True
    return False


@dataclass
class _Lock:
    """How one part of an .ods is locked, as its manifest tells."""

    name: str
    size: int = 0
    checksum_type: str = ""
    checksum: bytes = b""
    algorithm: str = ""
    vector: bytes = b""
    derivation: str = ""
    salt: bytes = b""
    rounds: int = 1024
    key_size: int = 16
    start: str = "SHA1"
    memory: int = 0
    lanes: int = 1


def unlock_ods(path: Path, target: Path, passwords: Iterable[str]) -> None:
    """Write the plain workbook of an encrypted .ods to `target`; InvalidInput if no password fits."""
    given = [password for password in passwords if password]
    with zipfile.ZipFile(path) as archive:
        locks = _locks(archive.read("META-INF/manifest.xml"))
        whole = next((lock for lock in locks if lock.name == "encrypted-package"), None)
        first = whole or next((lock for lock in locks if lock.name == "content.xml"), None)
        for password in given:
            if first is None:
                break
            plain = _opened(archive, first, password)
            if plain is None:
                continue
            if whole is not None:
                target.write_bytes(plain)
            else:
                _write_plain(archive, locks, password, plain, target)
            return
    raise encrypted(tried=bool(given))


def _write_plain(
    archive: zipfile.ZipFile, locks: Iterable[_Lock], password: str, content: bytes, target: Path
) -> None:
    """Write what the reader needs: the content, the styles, and a manifest that says what it is."""
    parts = {"content.xml": content}
    for lock in locks:
        if lock.name in ("styles.xml", "settings.xml"):
            parts[lock.name] = _opened(archive, lock, password) or b""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as plain:
        plain.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        for name, part in parts.items():
            if part:
                plain.writestr(name, part)
        plain.writestr(
            "META-INF/manifest.xml",
            '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:'
            'manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.'
            'oasis.opendocument.spreadsheet"/></manifest:manifest>',
        )


def _locks(manifest: bytes) -> list[_Lock]:
    found: list[_Lock] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        marks = {name.rpartition(":")[2]: value for name, value in attributes.items()}
        element = tag.rpartition(":")[2]
        if element == "file-entry":
            found.append(_Lock(marks.get("full-path", ""), int(marks.get("size") or 0)))
        elif found and element == "encryption-data":
            found[-1].checksum_type = marks.get("checksum-type", "").upper()
            found[-1].checksum = base64.b64decode(marks.get("checksum", ""))
        elif found and element == "algorithm":
            found[-1].algorithm = marks.get("algorithm-name", "").lower()
            found[-1].vector = base64.b64decode(marks.get("initialisation-vector", ""))
        elif found and element == "start-key-generation":
            found[-1].start = marks.get("start-key-generation-name", "").upper()
        elif found and element == "key-derivation":
            found[-1].derivation = marks.get("key-derivation-name", "").lower()
            found[-1].salt = base64.b64decode(marks.get("salt", ""))
            found[-1].rounds = int(marks.get("iteration-count") or marks.get("argon2-iterations") or 1024)
            found[-1].key_size = int(marks.get("key-size") or 16)
            found[-1].memory = int(marks.get("argon2-memory") or 0)
            found[-1].lanes = int(marks.get("argon2-lanes") or 1)

    def refuse(*_: object) -> None:
        raise ValueError("a manifest has no document type")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(manifest, True)
    except expat.ExpatError as error:
        raise ValueError(str(error)) from error
    return [lock for lock in found if lock.algorithm]


def _opened(archive: zipfile.ZipFile, lock: _Lock, password: str) -> bytes | None:
    """Return the plain bytes of a locked part, or None if the password is another one."""
    try:
        content = archive.read(lock.name)
    except KeyError:
        return None
    key = _key(lock, password)
    packed = _deciphered(lock, key, content)
    if packed is None:
        return None
    inflater = zlib.decompressobj(-15)
    try:
        plain = inflater.decompress(packed, _MAX_PART_BYTES)
    except zlib.error:
        return None
    return plain if _is_right(lock, packed, plain) else None


def _key(lock: _Lock, password: str) -> bytes:
    strong = "256" in lock.start
    start = (hashlib.sha256 if strong else hashlib.sha1)(password.encode("utf-8")).digest()
    if (
        not 0 < lock.rounds <= _MAX_ROUNDS
        or lock.memory > _MAX_MEMORY_KIB
        or lock.key_size not in (16, 24, 32)
    ):
        raise ValueError("an unusual lock")
    if "argon2id" in lock.derivation:
        from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

        derived: bytes = Argon2id(
            salt=lock.salt,
            length=lock.key_size,
            iterations=lock.rounds,
            lanes=lock.lanes,
            memory_cost=lock.memory,
        ).derive(start)
        return derived
    return hashlib.pbkdf2_hmac("sha1", start, lock.salt, lock.rounds, lock.key_size)


def _deciphered(lock: _Lock, key: bytes, content: bytes) -> bytes | None:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.decrepit.ciphers.algorithms import Blowfish
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if "gcm" in lock.algorithm:
        # The vector stands before the content as well.
        try:
            return AESGCM(key).decrypt(lock.vector, content.removeprefix(lock.vector), None)
        except InvalidTag:
            return None
    if "blowfish" in lock.algorithm:
        cipher: Any = Cipher(Blowfish(key), _feedback(lock.vector))
    else:
        cipher = Cipher(algorithms.AES(key), modes.CBC(lock.vector))
    decryptor = cipher.decryptor()
    plain: bytes = decryptor.update(content) + decryptor.finalize()
    return plain


def _feedback(vector: bytes) -> Any:
    try:
        from cryptography.hazmat.decrepit.ciphers.modes import CFB
    except ImportError:
        from cryptography.hazmat.primitives.ciphers.modes import CFB
    return CFB(vector)


def _is_right(lock: _Lock, packed: bytes, plain: bytes) -> bool:
    if not lock.checksum:
        return len(plain) == lock.size or not lock.size or plain.startswith(b"PK")
    digest = hashlib.sha256 if "256" in lock.checksum_type else hashlib.sha1
    unpadded = packed[: -packed[-1]] if packed and 0 < packed[-1] <= 16 else packed
    looked = [part[:1024] if "1K" in lock.checksum_type else part for part in (packed, unpadded)]
    return lock.checksum in [digest(part).digest() for part in looked]
