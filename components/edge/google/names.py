"""Names of Google's resources: 63 characters at most, of which Pulumi takes 8."""

import hashlib

_CHARACTERS = 22


def short_name(text: str) -> str:
    """A model's or host's name in at most 22 letters, digits and hyphens; with a digest where it is not the name."""
    plain = text.replace("*", "any").replace(".", "-")
    if len(plain) <= _CHARACTERS and ("*" not in text and "-" not in text or "." not in text):
        return plain
    digest = hashlib.sha256(text.encode()).hexdigest()[:6]
    return f"{plain[: _CHARACTERS - 7].rstrip('-')}-{digest}"
