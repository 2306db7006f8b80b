from __future__ import annotations

from pathlib import Path

import pytest

from local import PROJECT_DIR
from local.engine import Secret
from local.stack_file import StackFile, StackFileError

PROJECT = """
name: inference-edge
config:
  kong:kongAdminUri: {value: "http://127.0.0.1:8001"}
  inference-edge:gatewayUrl: {type: string, default: "http://127.0.0.1:1"}
"""
DEV = """
config:
  inference-edge:gatewayUrl: http://127.0.0.1:8000
  inference-edge:models:
    - {name: digits, version: "1", endpoint: "http://127.0.0.1:8080/invocations", cache: {ttlSeconds: 60}}
    - {name: other, version: "1", endpoint: "http://127.0.0.1:8090/invocations"}
"""


def stack(folder: Path, text: str) -> StackFile:
    (folder / "Pulumi.yaml").write_text(PROJECT)
    (folder / "Pulumi.dev.yaml").write_text(text)
    return StackFile(folder, "dev")


EDGE = (
    DEV
    + """
  aws:endpoints: [{s3: "http://s:1"}, {cloudfront: "http://127.0.0.1:8002", wafv2: "http://w:1"}]
  inference-edge:edge: {provider: cloudfront, origin: {domain: kong.example.com, port: 8000, secretRotation: 2}}
"""
)


GOOGLE = (
    DEV
    + """
  gcp:project: local-stand-in.
  gcp:networkServicesCustomEndpoint: http://127.0.0.1:8002/v1/
  gcp:computeCustomEndpoint: http://127.0.0.1:8002/compute/v1/
  inference-edge:edge: {provider: media-cdn, aliases: [predict.example.com, p.example.com]}
"""
)


SHARED = (
    DEV
    + """
  inference-edge:sharedCache: {provider: existing, url: "redis://127.0.0.1:6380/0", username: app}
"""
)


POOLS = """
config:
  inference-edge:gatewayUrl: http://127.0.0.1:8000
  inference-edge:kong: {repeatsLostRequests: true}
  inference-edge:pools:
    - name: large
      targets: [{address: "127.0.0.1:8081"}, {address: "10.0.0.7:8081"}, {address: "localhost:8083", weight: 0}]
      affinity: {by: prompt}
    - {name: found, discovery: {name: replicas.internal, port: 8000}}
  inference-edge:models:
    - {name: chat, version: "1", pool: {name: large}}
"""


def test_names_the_ports_of_the_local_world(tmp_path: Path) -> None:
    dev = stack(tmp_path, DEV)
    assert (dev.admin_port, dev.proxy_port, dev.model_port) == (8001, 8000, 8080)


def test_the_projects_own_dev_stack_is_local() -> None:
    dev = StackFile(PROJECT_DIR, "dev")
    assert len({dev.admin_port, dev.proxy_port, dev.model_port}) == 3


def test_moved_changes_addresses_and_version_and_keeps_the_rest(tmp_path: Path) -> None:
    dev = stack(tmp_path, DEV)
    moved = dev.moved("http://a:1", "http://p:2", "http://m:3/invocations", "2")
    first, second = moved.pop("inference-edge:models")
    assert moved == {"kong:kongAdminUri": "http://a:1", "inference-edge:gatewayUrl": "http://p:2"}
    assert first == {
        "name": "digits",
        "version": "2",
        "endpoint": "http://m:3/invocations",
        "cache": {"ttlSeconds": 60},
    }
    assert second == dev.config["inference-edge:models"][1]
    assert dev.model_port == 8080, "the file's own values stay"


def test_a_stack_with_an_edge_on_this_machine_names_its_port(tmp_path: Path) -> None:
    assert stack(tmp_path, EDGE).edge_port == 8002
    assert stack(tmp_path, DEV).edge_port is None
    assert stack(tmp_path, EDGE.replace("127.0.0.1:8002", "cloudfront.example.com:8002")).edge_port is None
    assert stack(tmp_path, GOOGLE).edge_port == 8002
    assert stack(tmp_path, GOOGLE.replace("127.0.0.1", "compute.example.com")).edge_port is None
    assert StackFile(PROJECT_DIR, "edge").edge_port == StackFile(PROJECT_DIR, "edge-gcp").edge_port == 8002


def test_tells_the_edges_provider_and_the_name_that_callers_know(tmp_path: Path) -> None:
    found = [stack(tmp_path, text) for text in (DEV, EDGE, GOOGLE)]
    assert [one.edge_provider for one in found] == ["none", "cloudfront", "media-cdn"]
    assert [one.edge_host for one in found] == ["", "", "predict.example.com"]


def test_moved_takes_the_edge_along(tmp_path: Path) -> None:
    moved = stack(tmp_path, EDGE).moved("http://a:1", "http://p:2", "http://m:3/x", "2", "http://e:4")
    origin = {"domain": "localhost", "protocol": "http", "port": 2, "secretRotation": 2}
    assert moved["inference-edge:edge"] == {"provider": "cloudfront", "origin": origin}
    assert moved["aws:endpoints"] == [{"s3": "http://s:1"}, {"cloudfront": "http://e:4", "wafv2": "http://w:1"}]


def test_moved_takes_an_edge_on_google_cloud_along_with_the_paths_of_its_apis(tmp_path: Path) -> None:
    moved = stack(tmp_path, GOOGLE).moved("http://a:1", "http://p:2", "http://m:3/x", "2", "http://e:4")
    assert moved["gcp:networkServicesCustomEndpoint"] == "http://e:4/v1/"
    assert moved["gcp:computeCustomEndpoint"] == "http://e:4/compute/v1/"
    assert "aws:endpoints" not in moved
    assert "gcp:project" not in moved


def test_a_stack_with_a_shared_cache_on_this_machine_names_its_port(tmp_path: Path) -> None:
    assert stack(tmp_path, SHARED).redis_port == 6380
    assert stack(tmp_path, DEV).redis_port is None
    assert stack(tmp_path, SHARED.replace("127.0.0.1:6380", "cache.example.com:6380")).redis_port is None
    assert StackFile(PROJECT_DIR, "shared").redis_port == 6380
    with pytest.raises(StackFileError, match="inference-edge:sharedCache.url must be a URL with a port"):
        _ = stack(tmp_path, SHARED.replace(":6380", "")).redis_port


def test_the_committed_stack_with_a_shared_cache_holds_no_password() -> None:
    assert StackFile(PROJECT_DIR, "shared").config["inference-edge:sharedCache"].keys() == {"provider", "url"}


def test_moved_takes_the_shared_cache_along_and_says_its_password(tmp_path: Path) -> None:
    shared = stack(tmp_path, SHARED)
    moved = shared.moved("http://a:1", "http://p:2", "http://m:3/x", "2", redis_url="redis://r:4/0", redis_password="p")
    expected = {"provider": "existing", "url": "redis://r:4/0", "username": "app", "password": Secret("p")}
    assert moved["inference-edge:sharedCache"] == expected
    assert "inference-edge:sharedCache" not in shared.moved("http://a:1", "http://p:2", "http://m:3/x", "2")


def test_a_stack_with_pools_names_the_replicas_that_are_on_this_machine(tmp_path: Path) -> None:
    pools = stack(tmp_path, POOLS)
    assert pools.replicas == {"large-1": 8081, "large-3": 8083}
    assert (pools.model_port, pools.repeats_lost_requests) == (None, True)
    assert (stack(tmp_path, DEV).replicas, stack(tmp_path, DEV).repeats_lost_requests) == ({}, False)
    committed = StackFile(PROJECT_DIR, "pools")
    ports = [committed.admin_port, committed.proxy_port, *committed.replicas.values()]
    assert len(set(ports)) == len(ports) == 2 + 5


def test_pools_move_with_what_changes_and_without_what_is_taken_away(tmp_path: Path) -> None:
    pools = stack(tmp_path, POOLS)
    targets = [{"address": "127.0.0.1:4001", "weight": 100}]
    moved = pools.with_pools("http://a:1", "http://p:2", {"large": {"targets": targets, "affinity": None}})
    large, found = moved.pop("inference-edge:pools")
    assert moved == {"kong:kongAdminUri": "http://a:1", "inference-edge:gatewayUrl": "http://p:2"}
    assert large == {"name": "large", "targets": targets}
    assert found == pools.config["inference-edge:pools"][1]
    assert "affinity" in pools.config["inference-edge:pools"][0], "the file's own values stay"


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("7", "inference-edge:pools must be a list of pools"),
        ("[{name: large, targets: 7}]", "targets of a pool must be a list like"),
        ("[{name: large, targets: [a]}]", "targets of a pool must be a list like"),
        ("[{name: large, targets: [{address: localhost}]}]", "a target of large, must be a URL with a port"),
    ],
)
def test_pools_without_addresses_are_refused(tmp_path: Path, written: str, reason: str) -> None:
    with pytest.raises(StackFileError, match=reason):
        _ = stack(tmp_path, f"config: {{'inference-edge:pools': {written}}}").replicas


def test_two_local_edges_are_refused(tmp_path: Path) -> None:
    text = GOOGLE.replace("8002/v1/", "8004/v1/")
    with pytest.raises(StackFileError, match="CustomEndpoint and gcp:computeCustomEndpoint must have the same port"):
        _ = stack(tmp_path, text).edge_port


def test_names_the_path_of_the_first_model(tmp_path: Path) -> None:
    assert stack(tmp_path, DEV).predict_path == "/digits/predict"
    routed = DEV.replace("name: digits,", "name: digits, route: {path: /v2/digits},")
    assert stack(tmp_path, routed).predict_path == "/v2/digits"


@pytest.mark.parametrize("endpoints", ["http://127.0.0.1:8002", "[a]"])
def test_endpoints_that_are_no_list_of_objects_are_refused(tmp_path: Path, endpoints: str) -> None:
    with pytest.raises(StackFileError, match="Pulumi.dev.yaml: aws:endpoints must be a list like"):
        _ = stack(tmp_path, f"config: {{'aws:endpoints': {endpoints}}}").edge_port


def test_an_edge_without_a_port_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StackFileError, match=r"aws:endpoints \(cloudfront\) must be a URL with a port"):
        _ = stack(tmp_path, EDGE.replace("127.0.0.1:8002", "127.0.0.1")).edge_port


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("config: [", "Pulumi.dev.yaml is not YAML"),
        ("a: 1", "models must list at least one model"),
        ("- a", "Pulumi.dev.yaml: config must be a mapping"),
        ("config: [a]", "Pulumi.dev.yaml: config must be a mapping"),
        ("config: {a: 1}", "models must list at least one model"),
        (
            "config: {'inference-edge:models': [{endpoint: 'http://localhost/x'}]}",
            r"models\[0\].endpoint must be a URL",
        ),
        ("config: {'inference-edge:models': [{endpoint: 7}]}", r"models\[0\].endpoint must be a URL with a port"),
        (
            "config: {'inference-edge:models': [{endpoint: 'http://localhost:x/'}]}",
            r"models\[0\].endpoint must be a URL",
        ),
    ],
)
def test_says_what_is_wrong_with_the_file(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(StackFileError, match=reason):
        _ = stack(tmp_path, text).model_port


def test_a_missing_file_is_named() -> None:
    with pytest.raises(StackFileError, match="no stack named 'none': there is no .*/Pulumi.none.yaml; .* are dev,"):
        StackFile(PROJECT_DIR, "none")


def test_without_a_gateway_url_it_is_where_the_settings_say(tmp_path: Path) -> None:
    stack(tmp_path, "config: {'inference-edge:models': [{endpoint: 'http://127.0.0.1:8080/x'}]}")
    (tmp_path / "Pulumi.yaml").write_text("config: {'kong:kongAdminUri': {value: 'http://127.0.0.1:8001'}}")
    smallest = StackFile(tmp_path, "dev").require_local()
    assert (smallest.proxy_port, smallest.model_port) == (8000, 8080)


def test_an_endpoint_elsewhere_is_no_model_of_this_machine(tmp_path: Path) -> None:
    assert stack(tmp_path, DEV.replace("127.0.0.1:8080", "models.internal:8080")).model_port is None


@pytest.mark.parametrize("name", ["prod", "staging"])
def test_a_stack_whose_gateway_is_elsewhere_does_not_run_here(name: str) -> None:
    with pytest.raises(StackFileError, match=rf"Pulumi.{name}.yaml: inference-edge:gatewayUrl is https://predict\."):
        StackFile(PROJECT_DIR, name).require_local()
