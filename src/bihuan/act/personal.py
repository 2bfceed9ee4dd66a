"""Personal fields: sealed with a key that lies outside the database, shown by role, erased by their retention rule.

The key file (`BIHUAN_KEY_FILE`) holds one key a line, `aes:` (AES-256-GCM) or `sm4:` (SM4-GCM, GB/T 32907) and base64;
the first seals, all of them open, so that a new key is a new first line.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bihuan.core.errors import InputError, StateError

Algorithm = Literal["aes", "sm4"]
_KEY_BYTES: Mapping[str, int] = {"aes": 32, "sm4": 16}
_NONCE_BYTES = 12
_TAG_BYTES = 16
HOW = "make one with `bihuan account key new FILE` and name it in BIHUAN_KEY_FILE"


@dataclass(frozen=True, slots=True)
class Key:
    """One key; its bytes appear in no representation."""

    id: str
    algorithm: Algorithm
    secret: bytes = field(repr=False)


class KeyRing:
    """The keys of an installation: the first seals, all of them open."""

    def __init__(self, keys: list[Key]) -> None:
        if not keys:
            raise InputError(f"holds no key; {HOW}", where="BIHUAN_KEY_FILE")
        self._first = keys[0]
        self._by_id = {key.id: key for key in keys}

    def seal(self, text: str, about: str) -> tuple[str, bytes]:
        """Return (key id, sealed text); it opens only with the same `about`, such as `case number/field`."""
        nonce = os.urandom(_NONCE_BYTES)
        return self._first.id, nonce + _encrypt(self._first, nonce, text.encode(), about.encode())

    def open(self, key_id: str, sealed: bytes, about: str) -> str:
        """Return the text.

        Raises:
            StateError: the key is not in the file, or the value was tampered with or moved.
        """
        key = self._by_id.get(key_id)
        if key is None:
            raise StateError(f"the key {key_id} that sealed it is not in the key file", where=about)
        try:
            return _decrypt(key, sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], about.encode()).decode()
        except InvalidTag:
            raise StateError("does not open: it was altered or belongs elsewhere", where=about) from None


def _encrypt(key: Key, nonce: bytes, text: bytes, about: bytes) -> bytes:
    if key.algorithm == "aes":
        return AESGCM(key.secret).encrypt(nonce, text, about)
    encryptor = Cipher(algorithms.SM4(key.secret), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(about)
    return encryptor.update(text) + encryptor.finalize() + encryptor.tag


def _decrypt(key: Key, nonce: bytes, sealed: bytes, about: bytes) -> bytes:
    if key.algorithm == "aes":
        return AESGCM(key.secret).decrypt(nonce, sealed, about)
    if len(sealed) < _TAG_BYTES:
        raise InvalidTag
    decryptor = Cipher(algorithms.SM4(key.secret), modes.GCM(nonce, sealed[-_TAG_BYTES:])).decryptor()
    decryptor.authenticate_additional_data(about)
    return decryptor.update(sealed[:-_TAG_BYTES]) + decryptor.finalize()


def load_keys(path: Path | None = None) -> KeyRing | None:
    """Return the keys of `path`, else of BIHUAN_KEY_FILE; None where neither is named.

    Raises:
        InputError: the file cannot be read, others may read it, or a line is no key.
    """
    named = path or (Path(os.environ["BIHUAN_KEY_FILE"]) if os.environ.get("BIHUAN_KEY_FILE") else None)
    if named is None:
        return None
    try:
        mode, text = named.stat().st_mode, named.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the key file cannot be read ({error}); {HOW}", where=str(named)) from error
    if mode & 0o077:
        raise InputError(f"others may read the key file; run: chmod 600 {named}", where=str(named))
    lines = [line.strip() for line in text.splitlines()]
    return KeyRing([_key(line, str(named)) for line in lines if line and not line.startswith("#")])


def _key(line: str, where: str) -> Key:
    algorithm, _, encoded = line.partition(":")
    try:
        secret = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        secret = b""
    if algorithm not in _KEY_BYTES or len(secret) != _KEY_BYTES[algorithm]:
        raise InputError("a line such as aes:BASE64 (32 bytes) or sm4:BASE64 (16 bytes) was expected", where=where)
    return Key(hashlib.sha256(secret).hexdigest()[:12], "aes" if algorithm == "aes" else "sm4", secret)


def new_key_file(path: Path, algorithm: Algorithm = "aes") -> None:
    """Write a fresh key into a new file that only its owner may read.

    Raises:
        InputError: the file is there already; what it seals would be lost.
    """
    line = f"{algorithm}:{base64.b64encode(secrets.token_bytes(_KEY_BYTES[algorithm])).decode()}\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(line)
    except FileExistsError:
        raise InputError(
            "exists already; a key that is overwritten takes what it sealed with it", where=str(path)
        ) from None
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", where=str(path)) from error
