"""Pulumi's passphrase encryption: ``encryptionsalt`` lines and ``v1:nonce:ciphertext`` values.

Key: PBKDF2-HMAC-SHA256, 1,000,000 rounds, 32 bytes; AES-256-GCM, 12-byte nonce, tag at the end.
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from local.engine.errors import EngineError

_ROUNDS = 1_000_000
_CHECK = "pulumi"
VARIABLES = "PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE"


def passphrase_from_environment() -> str | None:
    """The passphrase of the environment, None when neither variable is set."""
    value = os.environ.get("PULUMI_CONFIG_PASSPHRASE")
    if value is not None:
        return value
    name = os.environ.get("PULUMI_CONFIG_PASSPHRASE_FILE")
    if name is None:
        return None
    try:
        return Path(name).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise EngineError(
            f"cannot read the passphrase file {name} (PULUMI_CONFIG_PASSPHRASE_FILE): {error.strerror}"
        ) from error


class PassphraseCipher:
    """Encrypts and decrypts with one passphrase and one salt line.

    Usage: ``PassphraseCipher.open(salt_line, passphrase, where).decrypt("v1:...")``.
    Raises EngineError for a wrong or missing passphrase and for damaged values.
    """

    def __init__(self, key: bytes) -> None:
        self._aes = AESGCM(key)

    @classmethod
    def open(cls, salt_line: str, passphrase: str | None, where: str) -> PassphraseCipher:
        """The cipher of an ``encryptionsalt`` line; `where` names the file in errors."""
        if passphrase is None:
            raise EngineError(f"{where} holds secrets, and there is no passphrase: set {VARIABLES}")
        version, _, rest = salt_line.partition(":")
        salt, _, check = rest.partition(":")
        if version != "v1" or not check:
            raise EngineError(f"{where}: encryptionsalt is not in the form v1:<salt>:v1:<nonce>:<check>")
        cipher = cls(_derive_key(passphrase, _decode(salt, where)))
        try:
            cipher.decrypt(check, where)
        except EngineError as error:
            raise EngineError(f"{where}: incorrect passphrase: correct {VARIABLES}") from error
        return cipher

    @staticmethod
    def new_salt_line(passphrase: str) -> str:
        """A fresh ``encryptionsalt`` line for a passphrase."""
        salt = os.urandom(8)
        check = PassphraseCipher(_derive_key(passphrase, salt)).encrypt(_CHECK)
        return f"v1:{b64encode(salt).decode()}:{check}"

    def encrypt(self, text: str) -> str:
        """``v1:<nonce>:<ciphertext>`` of a text."""
        nonce = os.urandom(12)
        sealed = self._aes.encrypt(nonce, text.encode(), None)
        return f"v1:{b64encode(nonce).decode()}:{b64encode(sealed).decode()}"

    def decrypt(self, value: str, where: str = "value") -> str:
        """The text of a ``v1:<nonce>:<ciphertext>``."""
        version, _, rest = value.partition(":")
        nonce, _, sealed = rest.partition(":")
        if version != "v1" or not sealed:
            raise EngineError(f"{where}: an encrypted value is not in the form v1:<nonce>:<ciphertext>")
        try:
            return self._aes.decrypt(_decode(nonce, where), _decode(sealed, where), None).decode()
        except (InvalidTag, ValueError) as error:
            raise EngineError(
                f"{where}: an encrypted value cannot be decrypted: it belongs to another passphrase or is damaged"
            ) from error


@lru_cache(maxsize=16)
def _derive_key(passphrase: str, salt: bytes) -> bytes:
    return PBKDF2HMAC(SHA256(), 32, salt, _ROUNDS).derive(passphrase.encode())


def _decode(text: str, where: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError as error:
        raise EngineError(f"{where}: an encrypted value is not valid base64") from error
