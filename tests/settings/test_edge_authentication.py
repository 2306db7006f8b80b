"""Who may read shared answers: keys and secrets of the edge, and that they are never shown."""

from __future__ import annotations

from typing import Any

import pytest

from tests.settings.support import edge_stack, problems, shared_model, stack

SECRETS = frozenset({"edge"})
PUBLIC_KEY = (
    "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEnow0lvMBGPnPr3vjyaDbNrgX6YIN\n"
    "hX8XGZ4sIKcoDDTTQTJxsd/yDpqrxUiEkQLBjJfL2eVMBt2eNYXZ31fBPA==\n-----END PUBLIC KEY-----\n"
)
JWT_SECRET = "only-for-these-tests-0123456789-abcdef"
SIGNED: dict[str, Any] = {"authentication": {"mode": "signed-url", "publicKeys": [PUBLIC_KEY]}}

BAD: list[tuple[dict[str, Any], str]] = [
    (
        edge_stack(shared_model(), authentication={"mode": "signed-url"}),
        "edge.authentication.publicKeys = an empty list: "
        "must hold at least one key with mode signed-url: no signature could count",
    ),
    (
        edge_stack(shared_model(), authentication={"mode": "jwt"}),
        "edge.authentication.secrets = an empty list: "
        "must hold at least one secret with mode jwt: no signature could count",
    ),
    (
        edge_stack(authentication={"publicKeys": [PUBLIC_KEY]}),
        "edge.authentication.publicKeys = a list: only with mode signed-url (mode is none)",
    ),
    (
        edge_stack(shared_model(), authentication={**SIGNED["authentication"], "issuer": "me"}),
        'edge.authentication.issuer = "me": only with mode jwt (mode is signed-url)',
    ),
    (
        edge_stack(**SIGNED),
        'edge.authentication.mode = "signed-url": must be none without a model with cache.shareable: '
        "it guards shared answers alone, and Kong guards all others by their model's access",
    ),
]


@pytest.mark.parametrize(("document", "problem"), BAD)
def test_refuses_with_these_words(document: dict[str, Any], problem: str) -> None:
    assert problems(document) == [problem]


@pytest.mark.parametrize("mode", ["key-auth", "open"])
@pytest.mark.parametrize(
    "authentication",
    [
        SIGNED["authentication"],
        {"mode": "jwt", "secrets": [JWT_SECRET, JWT_SECRET + "2"], "issuer": "https://id.example.com", "audience": "a"},
    ],
)
def test_accepts_what_goes_together(authentication: dict[str, Any], mode: str) -> None:
    document = edge_stack(shared_model(access={"mode": mode}), authentication=authentication)
    assert problems(document, secret_sections=SECRETS) == []


def test_a_secret_in_plain_text_is_refused_with_the_command_that_encrypts_it() -> None:
    document = edge_stack(shared_model(), authentication={"mode": "jwt", "secrets": [JWT_SECRET]})
    assert problems(document) == [
        "edge.authentication.secrets[0]: must be encrypted; take a new secret and run: "
        "pulumi config set --secret --path 'inference-edge:edge.authentication.secrets[0]'"
    ]
    assert problems(document, secret_sections=SECRETS) == []


@pytest.mark.parametrize(
    "authentication",
    [
        {"mode": "jwt", "secrets": [JWT_SECRET + " "]},
        {"mode": "jwt", "secrets": JWT_SECRET},
        {"mode": "jwt", "secrets": [JWT_SECRET[:31]]},
        {"mode": "jwt", "secrets": [JWT_SECRET + "1", JWT_SECRET + "2", JWT_SECRET + "3"]},
        {"mode": "jwt", "secrets": [{"value": JWT_SECRET}]},
        {"mode": "jwt", "secret": JWT_SECRET},
        {"mode": "signed-url", "publicKeys": [JWT_SECRET]},
        {"mode": "signed-url", "publicKeys": JWT_SECRET},
        {"mode": "none", "secrets": [JWT_SECRET]},
        JWT_SECRET,
        [JWT_SECRET],
    ],
)
@pytest.mark.parametrize("secret_sections", [frozenset(), SECRETS])
def test_no_message_about_authentication_holds_a_secret(authentication: Any, secret_sections: frozenset[str]) -> None:
    found = problems(edge_stack(shared_model(), authentication=authentication), secret_sections=secret_sections)
    assert found
    assert JWT_SECRET[:20] not in "\n".join(found)


def test_an_edge_that_is_not_json_shows_nothing_of_itself() -> None:
    assert problems(stack(edge=f"{{authentication: {JWT_SECRET}}}")) == ["edge = [secret]: must be a mapping"]
