"""Programs as tutorials show them do not get through, and are told why."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from local.engine import EmbeddedEngine, EngineError
from tests.components.recording import Recorder
from tests.policies.seeds import edge_caching, kong_caching
from tests.stacks.projects import ROOT

_PACK = ROOT / "policies"


def refused(program: Callable[[], None], folder: Path, stack: str = "dev") -> tuple[dict[str, list[str]], Recorder]:
    """What stops an `up` of the program, by policy; and what was done at Kong."""
    (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (folder / f"Pulumi.{stack}.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    recorder = Recorder()
    engine = EmbeddedEngine(
        folder,
        stack,
        folder / ".state",
        program=program,
        passphrase="",
        providers=recorder.providers,
        policy_pack=_PACK,
    )
    with pytest.raises(EngineError) as error:
        engine.up()
    text = str(error.value)
    assert text.startswith("the policies do not allow it, nothing was changed\nPolicies:\n    ❌ inference-edge@v")
    found: dict[str, list[str]] = {}
    for level, policy, message in re.findall(r"- \[(\w+)\] \[severity: \w+\]  (\S+)  \(.*\)\n +.*\n +(.*)", text):
        assert level == ("advisory" if policy == "owner-tags" else "mandatory")
        found.setdefault(policy, []).append(message)
    return found, recorder


def test_kong_with_its_cache_as_a_tutorial_shows_it(tmp_path: Path) -> None:
    found, recorder = refused(kong_caching.program, tmp_path)
    assert found.pop("owner-tags")
    assert {policy: len(messages) for policy, messages in found.items()} == {
        "kong-cache-content-types": 1,
        "kong-cache-methods": 1,
        "kong-cache-no-errors": 1,
        "kong-cache-isolation": 1,
        "kong-cache-own-dictionary": 1,
        "kong-open-route-rate-limit": 1,
        "kong-open-route-size-limit": 1,
        "kong-upstream-https": 1,
    }
    assert found["kong-cache-methods"] == [
        "Plugin 'inf_model_cache_plugin' keeps nothing: it looks at GET and HEAD, which its route does not take; "
        "set request_method to the methods of the route, and put the body into the key for POST."
    ]
    assert recorder.calls == []


def test_kong_with_its_cache_of_post(tmp_path: Path) -> None:
    found, recorder = refused(kong_caching.program_with_post, tmp_path)
    assert found["kong-cache-body-in-key"] == [
        "Plugin 'inf_model_cache_plugin' answers POST from its cache without looking at the body: vary_headers names "
        "no digest of it; compute a digest of the body before proxy-cache runs and name its header in vary_headers."
    ]
    assert {"kong-cache-one-key", "kong-cache-isolation", "kong-cache-body-buffer", "kong-cache-own-dictionary"} < set(
        found
    )
    assert "kong-upstream-https" not in found and "kong-cache-methods" not in found
    assert recorder.calls == []


@pytest.mark.parametrize(
    ("stack", "more"), [("dev", set()), ("prod", {"cloudfront-default-certificate", "production-protected"})]
)
def test_cloudfront_as_a_tutorial_shows_it(stack: str, more: set[str], tmp_path: Path) -> None:
    found, _ = refused(edge_caching.program, tmp_path, stack)
    assert set(found) == {
        "cloudfront-firewall",
        "cloudfront-https-origin",
        "cloudfront-https-viewers",
        "cloudfront-logs",
        "cloudfront-no-retries",
        "cloudfront-origin-lock",
        "owner-tags",
        *more,
    }
    assert found["cloudfront-https-origin"] == [
        "Distribution 'modelCacheDistribution' may reach origin 1 by TLSv1.1; "
        "set originProtocolPolicy to https-only and originSslProtocols to [TLSv1.2]."
    ]
