"""Metrics that function plugins add to those of the prometheus plugin."""

from __future__ import annotations

from tests.kong.balancer.balanced import wait_until
from tests.kong.lua_world import LuaWorld
from tests.kong.running import send

NAMED = "local name, prometheus = '%s', require('kong.plugins.prometheus.exporter').get_prometheus() "
KNOWN = (
    NAMED + "local metric = prometheus.registry[name] or prometheus:%s(name, 'A metric.', { 'model', 'outcome' }%s) "
)


def shown(world: LuaWorld, name: str) -> list[str]:
    """The lines of this metric."""
    text = str(send(world.kong.admin, "GET", "/metrics").body)
    return [line for line in text.splitlines() if name in line]


def enabled(world: LuaWorld) -> None:
    """The prometheus plugin is."""
    if not send(world.kong.admin, "GET", "/plugins").body["data"]:
        world.kong.create("/plugins", {"name": "prometheus"})


def run(world: LuaWorld, code: str) -> None:
    assert world.value(code + " return 1") == 1


def test_a_counter(world: LuaWorld) -> None:
    enabled(world)
    run(
        world,
        KNOWN % ("test_counted_total", "counter", "")
        + "metric:inc(2, { 'a', 'kept' }) metric:inc(nil, { 'b', 'new' })",
    )
    wait_until(lambda: len(shown(world, "test_counted_total")) == 4)
    assert shown(world, "test_counted_total") == [
        "# HELP kong_test_counted_total A metric.",
        "# TYPE kong_test_counted_total counter",
        'kong_test_counted_total{model="a",outcome="kept"} 2',
        'kong_test_counted_total{model="b",outcome="new"} 1',
    ]


def test_a_gauge(world: LuaWorld) -> None:
    enabled(world)
    run(world, KNOWN % ("test_level", "gauge", "") + "metric:set(7.5, { 'a', 'x' }) metric:inc(-2, { 'a', 'x' })")
    wait_until(lambda: len(shown(world, "test_level")) == 3)
    assert shown(world, "test_level")[1:] == [
        "# TYPE kong_test_level gauge",
        'kong_test_level{model="a",outcome="x"} 5.5',
    ]


def test_a_histogram(world: LuaWorld) -> None:
    enabled(world)
    observe = "for _, value in ipairs({ 1, 10, 11, 99.5, 1000 }) do metric:observe(value, { 'a', 'x' }) end"
    run(world, KNOWN % ("test_first_byte_ms", "histogram", ", { 0.5, 10, 100 }") + observe)
    wait_until(lambda: len(shown(world, "test_first_byte_ms")) == 7)
    labels = 'model="a",outcome="x"'
    assert shown(world, "test_first_byte_ms") == [
        "# HELP kong_test_first_byte_ms A metric.",
        "# TYPE kong_test_first_byte_ms histogram",
        f'kong_test_first_byte_ms_bucket{{{labels},le="10"}} 2',
        f'kong_test_first_byte_ms_bucket{{{labels},le="100"}} 4',
        f'kong_test_first_byte_ms_bucket{{{labels},le="+Inf"}} 5',
        f"kong_test_first_byte_ms_count{{{labels}}} 5",
        f"kong_test_first_byte_ms_sum{{{labels}}} 1121.5",
    ]


def test_a_histogram_without_labels_has_buckets_in_seconds(world: LuaWorld) -> None:
    enabled(world)
    code = (
        NAMED % "test_seconds" + "local metric = prometheus.registry[name] or prometheus:histogram(name, 'Seconds.') "
    )
    run(world, code + "metric:observe(4.5)")
    wait_until(lambda: len(shown(world, "test_seconds")) == 7)
    assert [line.removeprefix("kong_test_seconds") for line in shown(world, "test_seconds")[2:]] == [
        '_bucket{le="5"} 1',
        '_bucket{le="10"} 1',
        '_bucket{le="+Inf"} 1',
        "_count 1",
        "_sum 4.5",
    ]


def test_labels_are_escaped(world: LuaWorld) -> None:
    enabled(world)
    run(world, KNOWN % ("test_escaped_total", "counter", "") + "metric:inc(1, { 'a\"b\\\\c', 'd' })")
    wait_until(lambda: len(shown(world, "test_escaped_total")) == 3)
    assert shown(world, "test_escaped_total")[2] == 'kong_test_escaped_total{model="a\\"b\\\\c",outcome="d"} 1'


def test_what_cannot_be_counted_is_left_out(world: LuaWorld) -> None:
    enabled(world)
    wrong = "metric:inc(1, { 'a' }) metric:inc(-1, { 'a', 'b' }) metric:inc(1, { 'a', 'b' })"
    run(world, KNOWN % ("test_wrong_total", "counter", "") + wrong)
    wait_until(lambda: len(shown(world, "test_wrong_total")) == 3)
    assert shown(world, "test_wrong_total")[2] == 'kong_test_wrong_total{model="a",outcome="b"} 1'


def test_a_name_that_is_taken_or_wrong_gives_nothing(world: LuaWorld) -> None:
    enabled(world)
    code = NAMED % "test_taken_total" + (
        "if not prometheus.registry[name] then prometheus:counter(name, 'A metric.', {}) end return { "
        "tostring((prometheus:counter(name, 'Again.', {}))), tostring((prometheus:counter('no-dash', 'Wrong.', {}))), "
        "tostring((prometheus:histogram('le', 'Wrong.', { 'le' }))) }"
    )
    assert world.value(code) == ["nil", "nil", "nil"]
