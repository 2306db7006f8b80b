"""The text that is deployed as the Function."""

from __future__ import annotations

import re

import pytest

from components import ArgumentError
from components.edge import limits
from components.edge.cloudfront.function import FunctionRoute, JwtRules, render
from tests.edge_function.viewer import IMPORT, Request, Viewer

TOKEN = "0123456789abcdef0123456789abcdef"
SECRET = "a-jwt-secret-of-the-tests-0123456789abcd"
ROUTES = {"/digits/predict": FunctionRoute(TOKEN)}


@pytest.mark.parametrize("jwt", [None, JwtRules((SECRET, SECRET[::-1]), "i" * 256, "a" * 256)], ids=["open", "jwt"])
def test_there_is_room_for_as_many_models_as_cloudfront_has_behaviours(jwt: JwtRules | None) -> None:
    count = limits.MAX_SHAREABLE_ROUTES
    source = render({f"/model-{index:02}/predict": FunctionRoute(TOKEN) for index in range(count)}, jwt)
    assert len(source.encode()) <= limits.MAX_FUNCTION_BYTES


def test_a_source_that_is_too_large_is_refused() -> None:
    routes = {f"/{'x' * 200}-{index}": FunctionRoute(TOKEN) for index in range(limits.MAX_SHAREABLE_ROUTES)}
    with pytest.raises(ArgumentError) as error:
        render(routes, None)
    assert re.fullmatch(
        r"CloudFrontEdge: routes make a CloudFront Function of \d+ bytes, which may have 10240: "
        r"use fewer models or shorter paths for one edge",
        str(error.value),
    )


@pytest.mark.parametrize("token", ["missing", TOKEN[:-1], TOKEN + "0", TOKEN.upper(), f"{TOKEN} x-tenant", "'" * 32])
def test_a_wrong_version_token_is_refused(token: str) -> None:
    with pytest.raises(ArgumentError, match=r"routes\[\].version_token must be 32 hex digits in lower case"):
        render({"/digits/predict": FunctionRoute(token)}, None)


def test_a_weak_secret_is_refused_without_showing_it() -> None:
    with pytest.raises(ArgumentError, match="authentication.secrets must have at least 32 bytes each") as error:
        render(ROUTES, JwtRules(("weak-secret",)))
    assert "weak" not in str(error.value)


def test_the_order_of_the_routes_does_not_matter() -> None:
    routes = {**ROUTES, "/a": FunctionRoute("")}
    assert render(routes, None) == render(dict(reversed(routes.items())), None)


def test_only_bearer_tokens_need_a_module_and_it_is_imported_first() -> None:
    assert "import" not in render(ROUTES, None)
    source = render(ROUTES, JwtRules((SECRET,)))
    assert source.startswith(IMPORT)
    assert source.count("import") == 1


def test_comments_are_not_deployed() -> None:
    assert "//" not in re.sub(r"'[^']*'|/\S+/[a-z]?\.test", "", render(ROUTES, JwtRules((SECRET,))))


@pytest.mark.parametrize("hostile", ["</script>", "'; throw 1; '", '"\\', "\u2028", "é" * 20, "${1}`"])
def test_values_stay_values(hostile: str) -> None:
    secret = hostile.ljust(40, "x")
    source = render(ROUTES, JwtRules((secret,), hostile, hostile))
    assert Viewer(source).answer(Request(query="input=e30")).status == 401


def test_nothing_is_used_that_cloudfront_finds_out_about_too_late() -> None:
    # Neither optional chaining, nullish coalescing, destructuring nor spreading: they fail when a request comes.
    code = render(ROUTES, JwtRules((SECRET,)))
    for unsupported in (r"\?\.\w", r"\?\?", r"(const|let) [\[{]", r"\.\.\.", r"\bclass\b"):
        assert not re.search(unsupported, code), unsupported
