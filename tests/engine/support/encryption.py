"""Encrypts config values as ``pulumi config set --secret`` does, written apart from the engine's code."""

from __future__ import annotations

import base64
import hashlib
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PASSPHRASE = "correct horse"
_SALT = bytes(range(8))
_KEY = hashlib.pbkdf2_hmac("sha256", PASSPHRASE.encode(), _SALT, 1_000_000, 32)


def encrypt(text: str) -> str:
    """``v1:<nonce>:<ciphertext>``."""
    nonce = os.urandom(12)
    sealed = AESGCM(_KEY).encrypt(nonce, text.encode(), None)
    return f"v1:{base64.b64encode(nonce).decode()}:{base64.b64encode(sealed).decode()}"


SALT_LINE = f"v1:{base64.b64encode(_SALT).decode()}:{encrypt('pulumi')}"
