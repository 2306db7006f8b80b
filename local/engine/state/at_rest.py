"""Encryption of secrets in the state.

With a passphrase in the environment the state is encrypted with a key derived from it (the same scheme as
Pulumi's). Without one, a random key is made once and kept in ``.state/key`` (mode 0600): who can read that file
can read the secrets, and without it they are lost.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from local.engine.errors import EngineError
from local.engine.passphrase import PassphraseCipher
from local.engine.values import SECRET_SIGNATURE, SIGNATURE, Secret, map_secrets

_KEY_BYTES = 32


class SecretsAtRest:
    """Turns `Secret` into ciphertext and back, opening the key only when a secret is met.

    Usage: ``SecretsAtRest.choose(...)`` for a new state, ``SecretsAtRest(described, ...)`` for a stored one;
    `description` is what the state file says about the key. Raises EngineError for a wrong or missing key.
    """

    def __init__(self, description: dict[str, str], passphrase: str | None, key_file: Path, where: str) -> None:
        self.description = description
        self._passphrase, self._key_file, self._where = passphrase, key_file, where
        self._cipher: PassphraseCipher | None = None

    @classmethod
    def choose(cls, salt_line: str | None, passphrase: str | None, key_file: Path, where: str) -> SecretsAtRest:
        """The encryption of a new state: by passphrase when there is one, otherwise by key file."""
        if passphrase is None:
            return cls({"type": "key-file"}, None, key_file, where)
        salt_line = salt_line or PassphraseCipher.new_salt_line(passphrase)
        return cls({"type": "passphrase", "salt": salt_line}, passphrase, key_file, where)

    def seal(self, value: Any) -> Any:
        """A copy of `value` that may be written to disk."""
        return map_secrets(value, self._seal)

    def unseal(self, value: Any) -> Any:
        """The value that was sealed."""
        if isinstance(value, dict):
            if value.get(SIGNATURE) == SECRET_SIGNATURE:
                return Secret(
                    self.unseal(json.loads(self._open(create=False).decrypt(value["ciphertext"], self._where)))
                )
            return {key: self.unseal(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.unseal(item) for item in value]
        return value

    def _seal(self, secret: Secret) -> dict[str, str]:
        clear = json.dumps(self.seal(secret.value))
        return {SIGNATURE: SECRET_SIGNATURE, "ciphertext": self._open(create=True).encrypt(clear)}

    def _open(self, *, create: bool) -> PassphraseCipher:
        if self._cipher is None:
            if self.description.get("type") == "passphrase":
                self._cipher = PassphraseCipher.open(self.description["salt"], self._passphrase, self._where)
            else:
                self._cipher = PassphraseCipher(self._key(create))
        return self._cipher

    def _key(self, create: bool) -> bytes:
        try:
            key = bytes.fromhex(self._key_file.read_text(encoding="ascii").strip())
        except FileNotFoundError:
            if create:
                return self._new_key()
            raise EngineError(
                f"{self._key_file} is missing: the secrets of {self._where} need it; restore the file"
            ) from None
        except ValueError:
            key = b""
        if len(key) != _KEY_BYTES:
            raise EngineError(f"{self._key_file} is damaged: the secrets of {self._where} need it; restore the file")
        return key

    def _new_key(self) -> bytes:
        self._key_file.parent.mkdir(parents=True, exist_ok=True)
        key = os.urandom(_KEY_BYTES)
        try:
            handle = os.open(self._key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return self._key(create=False)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(key.hex() + "\n")
            file.flush()
            os.fsync(file.fileno())
        return key
