"""Workbooks and archives behind a password (IMP-01, security 8)."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import zlib
from pathlib import Path

import pytest
from cryptography.hazmat.decrepit.ciphers.algorithms import Blowfish
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from desktop.importers import passwords
from desktop.importers.options import ReadOptions
from desktop.importers.reader import read_sources
from tests.conftest import FULL
from tests.unit.importers.files import write_xlsx
from tests.unit.importers.test_reader import CUSTOMERS
from tests.unit.importers.writers import ods_cell, ods_content, write_ods, write_zip

CONTENT = ods_content(
    "".join(
        f"<table:table-row>{''.join(map(ods_cell, cells))}</table:table-row>"
        for cells in (("客户名称", "城市"), ("甲公司", "上海"))
    )
)


def with_password(path: Path, word: str, name: str = "") -> list[int] | list[str]:
    """Return what comes out when a password is given, for one file by its name or for any."""
    result = read_sources([path], options=ReadOptions(passwords={name: word}))
    return [table.frame.height for table in result.tables] or [item.code for item in result.refused]


def test_an_encrypted_workbook_opens_with_its_password_only(tmp_path: Path) -> None:
    from msoffcrypto.format.ooxml import OOXMLFile

    book = write_xlsx(tmp_path / "plain.xlsx", {"客户": CUSTOMERS})
    locked = io.BytesIO()
    OOXMLFile(io.BytesIO(book.read_bytes())).encrypt("密码 1", locked)
    path = tmp_path / "locked.xlsx"
    path.write_bytes(locked.getvalue())
    assert with_password(path, "") == ["encrypted"]
    assert with_password(path, "falsch") == ["encrypted"]
    assert with_password(path, "密码 1") == [2]
    assert with_password(path, "密码 1", "locked.xlsx") == [2]
    assert with_password(path, "密码 1", "other.xlsx") == ["encrypted"]
    packed = write_zip(tmp_path / "a.zip", {"in/locked.xlsx": path.read_bytes()})
    assert with_password(packed, "密码 1", "a.zip") == [2]


def locked_ods(path: Path, how: str, password: str) -> Path:
    """Write an .ods as programs of different years lock it."""
    start = (hashlib.sha1 if how == "blowfish" else hashlib.sha256)(password.encode()).digest()
    salt, plain = os.urandom(16), CONTENT.encode()
    packer = zlib.compressobj(wbits=-15)
    packed = packer.compress(plain) + packer.flush()

    def entry(
        name: str, algorithm: str, vector: bytes, derivation: str, checksum: str = "", start_name: str = ""
    ) -> str:
        def code(content: bytes) -> str:
            return base64.b64encode(content).decode()

        return (
            f'<manifest:file-entry manifest:full-path="{name}" manifest:size="{len(plain)}">'
            f"<manifest:encryption-data{checksum}>"
            f'<manifest:algorithm manifest:algorithm-name="{algorithm}" manifest:initialisation-vector="{code(vector)}"/>'
            f'<manifest:key-derivation manifest:salt="{code(salt)}" {derivation}/>{start_name}'
            "</manifest:encryption-data></manifest:file-entry>"
        )

    def sum_of(kind: str, content: bytes) -> str:
        digest = (hashlib.sha1 if kind == "SHA1" else hashlib.sha256)(content[:1024]).digest()
        return f' manifest:checksum-type="{kind}/1K" manifest:checksum="{base64.b64encode(digest).decode()}"'

    strong = '<manifest:start-key-generation manifest:start-key-generation-name="http://www.w3.org/2000/09/xmldsig#sha256"/>'
    if how == "blowfish":
        vector = os.urandom(8)
        key = hashlib.pbkdf2_hmac("sha1", start, salt, 1024, 16)
        cipher = Cipher(Blowfish(key), passwords._feedback(vector)).encryptor()
        told = 'manifest:key-derivation-name="PBKDF2" manifest:iteration-count="1024"'
        manifest = entry("content.xml", "Blowfish CFB", vector, told, sum_of("SHA1", packed))
        return write_ods(path, "", manifest, {"content.xml": cipher.update(packed) + cipher.finalize()})
    if how == "aes":
        vector = os.urandom(16)
        key = hashlib.pbkdf2_hmac("sha1", start, salt, 2000, 32)
        padded = packed + bytes(15 - len(packed) % 16) + bytes([16 - len(packed) % 16])
        cipher = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
        told = 'manifest:key-derivation-name="PBKDF2" manifest:key-size="32" manifest:iteration-count="2000"'
        name = "http://www.w3.org/2001/04/xmlenc#aes256-cbc"
        manifest = entry("content.xml", name, vector, told, sum_of("SHA256", packed), strong)
        return write_ods(path, "", manifest, {"content.xml": cipher.update(padded) + cipher.finalize()})
    whole = write_ods(path, CONTENT).read_bytes()
    packer = zlib.compressobj(wbits=-15)
    vector = os.urandom(12)
    key = Argon2id(salt=salt, length=32, iterations=2, lanes=2, memory_cost=1024).derive(start)
    told = (
        'manifest:key-derivation-name="urn:org:documentfoundation:names:experimental:office:manifest:argon2id" '
        'manifest:key-size="32" loext:argon2-iterations="2" loext:argon2-memory="1024" loext:argon2-lanes="2"'
    )
    name = "http://www.w3.org/2009/xmlenc11#aes256-gcm"
    manifest = entry("encrypted-package", name, vector, told, "", strong)
    sealed = vector + AESGCM(key).encrypt(vector, packer.compress(whole) + packer.flush(), None)
    return write_ods(path, "", manifest, {"encrypted-package": sealed})


@pytest.mark.parametrize("how", ["blowfish", "aes", "argon2"])
def test_an_ods_of_every_age_opens_with_its_password_only(tmp_path: Path, how: str) -> None:
    path = locked_ods(tmp_path / "a.ods", how, "密码 1")
    assert with_password(path, "") == ["encrypted"]
    assert with_password(path, "falsch") == ["encrypted"]
    assert with_password(path, "密码 1") == [1]


def zip_crypto(path: Path, name: str, content: bytes, password: bytes) -> Path:
    """Write an archive with one stored file locked in the traditional way."""
    table = [0] * 256
    for index in range(256):
        value = index
        for _ in range(8):
            value = value >> 1 ^ (0xEDB88320 if value & 1 else 0)
        table[index] = value
    keys = [0x12345678, 0x23456789, 0x34567890]

    def turn(byte: int) -> None:
        keys[0] = keys[0] >> 8 ^ table[(keys[0] ^ byte) & 0xFF]
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = keys[2] >> 8 ^ table[(keys[2] ^ keys[1] >> 24) & 0xFF]

    for byte in password:
        turn(byte)
    write_zip(path, {name: content})
    raw = path.read_bytes()
    packer = zlib.compressobj(wbits=-15)
    packed = packer.compress(content) + packer.flush()
    start = raw.index(packed)
    sealed = bytearray()
    for byte in bytes(11) + bytes([zlib.crc32(content) >> 24]) + packed:
        mask = keys[2] | 2
        sealed.append(byte ^ (mask * (mask ^ 1) >> 8 & 0xFF))
        turn(byte)
    size = len(sealed).to_bytes(4, "little")
    local = bytearray(raw[:start])
    local[6] |= 1
    local[18:22] = size
    central = bytearray(raw[start + len(packed) : raw.index(b"PK\x05\x06")])
    central[8] |= 1
    central[20:24] = size
    tail = bytearray(raw[raw.index(b"PK\x05\x06") :])
    tail[16:20] = (len(local) + len(sealed)).to_bytes(4, "little")
    path.write_bytes(bytes(local + sealed + central + tail))
    return path


def test_a_locked_archive_asks_for_its_password(tmp_path: Path) -> None:
    path = zip_crypto(
        tmp_path / "a.zip", "a.csv", "客户名称,城市\n甲公司,上海\n".encode() * 1, "密码".encode()
    )
    assert with_password(path, "") == ["encrypted"]
    assert with_password(path, "falsch") == ["encrypted"]
    assert with_password(path, "密码") == [1]


def test_real_files_of_every_way_to_lock_one(shared_data: Path) -> None:
    folder = shared_data / "spreadsheets"
    files = (
        ("msoffcrypto/example_password.xlsx", "Password1234_"),
        ("msoffcrypto/rc4cryptoapi_password.xls", "Password1234_"),
        ("msoffcrypto/xor_password_123456789012345.xls", "123456789012345"),
        ("excelize/encryptAES.xlsx", "password"),
        ("excelize/encryptSHA1.xlsx", "password"),
        ("excelize/encryptSHA512.xlsx", "password"),
        ("roo/encrypted-letmein.ods", "letmein"),
    )
    for name, word in files if FULL else files[1::2]:
        assert with_password(folder / name, "falsch") == ["encrypted"], name
        assert with_password(folder / name, word) != ["encrypted"], name
    assert with_password(folder / "msoffcrypto/xor_password_123456789012345.xls", "123456789012345") == [420]
