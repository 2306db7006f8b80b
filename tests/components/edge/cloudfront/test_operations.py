"""Firewall, logs, alarms, certificate and records."""

from __future__ import annotations

import json
from typing import Any

import pytest

from components.edge.cloudfront import CloudFrontEdge
from tests.components.edge.cloudfront.arguments import (
    BUCKET,
    CERTIFICATE,
    TOPIC,
    bare_args,
    full_args,
    minimal_args,
    private_route,
    shareable_route,
)
from tests.components.edge.cloudfront.memory_aws import ACCOUNT, EdgeStack
from tests.components.trial_stack import Graph


def graph(stack: EdgeStack, args: Any) -> Graph:
    return stack.up(lambda: CloudFrontEdge("edge", args))


REGIONAL = (
    *("Bucket", "BucketLifecycleConfiguration", "BucketPolicy", "BucketPublicAccessBlock", "Certificate"),
    *("CertificateValidation", "Dashboard", "LogDelivery", "LogDeliveryDestination", "LogDeliverySource", "LogGroup"),
    *("LogResourcePolicy", "MetricAlarm", "WebAcl", "WebAclLoggingConfiguration"),
)


def test_all_that_cloudfront_uses_is_in_us_east_1(stack: EdgeStack) -> None:
    made = graph(stack, full_args())
    for kind in REGIONAL:
        assert {item["inputs"]["region"] for item in made.of_type(kind).values()} == {"us-east-1"}, kind


def test_the_firewall_lets_large_predictions_through(stack: EdgeStack) -> None:
    made = graph(stack, minimal_args())
    acl = made["edge-firewall"]["inputs"]
    assert (acl["scope"], acl["defaultAction"]) == ("CLOUDFRONT", {"allow": {}})
    rate, *groups = acl["rules"]
    assert rate["statement"]["rateBasedStatement"] == {
        "aggregateKeyType": "IP",
        "evaluationWindowSec": 300,
        "limit": 2_000,
    }
    assert rate["action"] == {"block": {}}
    counted = {}
    for group in groups:
        statement = group["statement"]["managedRuleGroupStatement"]
        assert (group["overrideAction"], statement["vendorName"]) == ({"none": {}}, "AWS")
        counted[statement["name"]] = {
            item["name"]: item["actionToUse"] for item in statement.get("ruleActionOverrides", [])
        }
    assert counted == {
        "AWSManagedRulesAmazonIpReputationList": {},
        "AWSManagedRulesCommonRuleSet": {
            "CrossSiteScripting_BODY": {"count": {}},
            "EC2MetaDataSSRF_BODY": {"count": {}},
            "GenericLFI_BODY": {"count": {}},
            "GenericRFI_BODY": {"count": {}},
            "NoUserAgent_HEADER": {"count": {}},
            "SizeRestrictions_BODY": {"count": {}},
            "SizeRestrictions_QUERYSTRING": {"count": {}},
        },
        "AWSManagedRulesKnownBadInputsRuleSet": {},
    }
    assert [rule["priority"] for rule in acl["rules"]] == [0, 1, 2, 3]
    assert made["edge-distribution"]["inputs"]["webAclId"].startswith("arn:")


def test_no_sample_of_a_request_is_kept(stack: EdgeStack) -> None:
    acl = graph(stack, minimal_args())["edge-firewall"]["inputs"]
    configs = [acl["visibilityConfig"], *(rule["visibilityConfig"] for rule in acl["rules"])]
    assert {config["sampledRequestsEnabled"] for config in configs} == {False}


def test_the_firewall_logs_neither_inputs_nor_credentials(stack: EdgeStack) -> None:
    made = graph(stack, minimal_args())
    logging = made["edge-firewall-logging"]["inputs"]
    assert logging["redactedFields"] == [
        {"queryString": {}},
        {"singleHeader": {"name": "apikey"}},
        {"singleHeader": {"name": "authorization"}},
        {"singleHeader": {"name": "cookie"}},
    ]
    group = made["edge-firewall-logs"]["inputs"]
    assert (group["name"], group["retentionInDays"]) == ("aws-waf-logs-shop-test-edge", 30)
    [statement] = json.loads(made["edge-firewall-logs-permission"]["inputs"]["policyDocument"])["Statement"]
    assert statement["Resource"].endswith(":*")
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_the_firewall_can_do_without_logs(stack: EdgeStack) -> None:
    made = graph(stack, minimal_args(firewall={"logging": False}))
    assert "edge-firewall" in made
    assert not [name for name in made if name.startswith("edge-firewall-")]


def test_access_logs_hold_no_input(stack: EdgeStack) -> None:
    made = graph(stack, minimal_args())
    delivery = made["edge-log-delivery"]["inputs"]
    assert not {"cs-uri-query", "cs(Referer)", "cs(Cookie)"} & set(delivery["recordFields"])
    assert {"cs-uri-stem", "sc-status", "x-edge-result-type", "time-taken"} < set(delivery["recordFields"])
    assert made["edge-log-source"]["inputs"]["logType"] == "ACCESS_LOGS"
    assert made["edge-log-destination"]["inputs"]["outputFormat"] == "parquet"


def test_the_bucket_for_logs_is_private_and_forgets(stack: EdgeStack) -> None:
    made = graph(stack, minimal_args(logs={"retention_days": 7}))
    access = made["edge-logs-access"]["inputs"]
    flags = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    assert [access[flag] for flag in flags] == [True] * 4
    [rule] = made["edge-logs-lifecycle"]["inputs"]["rules"]
    assert (rule["status"], rule["expiration"], rule["filter"]) == ("Enabled", {"days": 7}, {"prefix": "AWSLogs/"})
    delivery, encrypted = json.loads(made["edge-logs-permission"]["inputs"]["policy"])["Statement"]
    assert delivery["Principal"] == {"Service": "delivery.logs.amazonaws.com"}
    assert delivery["Action"] == "s3:PutObject"
    assert delivery["Condition"]["StringEquals"]["aws:SourceAccount"] == ACCOUNT
    assert encrypted["Effect"] == "Deny"


def test_logs_may_go_to_a_bucket_that_exists(stack: EdgeStack) -> None:
    made = graph(stack, minimal_args(logs={"bucket_arn": BUCKET}))
    destination = made["edge-log-destination"]["inputs"]["deliveryDestinationConfiguration"]
    assert destination == {"destinationResourceArn": BUCKET}
    assert not made.of_type("Bucket")


def test_the_hit_ratio_counts_only_under_traffic(stack: EdgeStack) -> None:
    alarm = graph(stack, full_args())["edge-hit-ratio"]["inputs"]
    requests, hits, gated = alarm["metricQueries"]
    assert gated == {
        "id": "busy_hits",
        "expression": "IF(requests >= 50, hits, 100)",
        "label": "Hit ratio under traffic (%)",
        "returnData": True,
    }
    assert [(each["id"], each["metric"]["metricName"], each["metric"]["stat"]) for each in (requests, hits)] == [
        ("requests", "Requests", "Sum"),
        ("hits", "CacheHitRate", "Average"),
    ]
    assert not requests["returnData"] and not hits["returnData"]
    assert (alarm["comparisonOperator"], alarm["threshold"]) == ("LessThanThreshold", 40)
    assert alarm["treatMissingData"] == "notBreaching"


def test_alarms_tell_the_topic(stack: EdgeStack) -> None:
    alarms = graph(stack, full_args()).of_type("MetricAlarm")
    assert {tuple(alarm["inputs"]["alarmActions"]) for alarm in alarms.values()} == {(TOPIC,)}


def test_alarms_for_errors_and_latency(stack: EdgeStack) -> None:
    made = graph(stack, minimal_args())
    errors, latency = made["edge-errors"]["inputs"], made["edge-origin-latency"]["inputs"]
    assert (errors["metricName"], errors["statistic"], errors["threshold"]) == ("5xxErrorRate", "Average", 5)
    assert (latency["metricName"], latency["extendedStatistic"], latency["threshold"]) == (
        "OriginLatency",
        "p90",
        35_000,
    )
    for alarm in (errors, latency):
        assert alarm["namespace"] == "AWS/CloudFront"
        assert alarm["dimensions"]["Region"] == "Global"
        assert alarm["dimensions"]["DistributionId"].startswith("Distribution-")
    status = made["edge-metrics"]["inputs"]["monitoringSubscription"]["realtimeMetricsSubscriptionConfig"]
    assert status == {"realtimeMetricsSubscriptionStatus": "Enabled"}


def test_a_dashboard_of_this_distribution(stack: EdgeStack) -> None:
    board = graph(stack, minimal_args())["edge-dashboard"]["inputs"]
    assert board["dashboardName"] == "shop-test-edge"
    widgets = json.loads(board["dashboardBody"])["widgets"]
    metrics = {line[1] for widget in widgets for line in widget["properties"]["metrics"]}
    assert metrics == {"Requests", "CacheHitRate", "OriginLatency", "4xxErrorRate", "5xxErrorRate"}
    assert len({(widget["x"], widget["y"]) for widget in widgets}) == len(widgets)


def test_without_shareable_models_there_is_no_hit_ratio(stack: EdgeStack) -> None:
    made = graph(stack, minimal_args(routes=[private_route()]))
    assert set(made.of_type("MetricAlarm")) == {"edge-errors", "edge-origin-latency"}


def test_a_certificate_is_made_and_validated_in_the_zone(stack: EdgeStack) -> None:
    made = graph(stack, full_args())
    certificate = made["edge-certificate"]["inputs"]
    assert certificate["domainName"] == "predict.test.com"
    assert certificate["subjectAlternativeNames"] == ["*.predict.test.com"]
    record = made["edge-certificate-record-predict-test-com"]["inputs"]
    assert (record["name"], record["type"], record["records"]) == (
        "_check.predict.test.com",
        "CNAME",
        ["_0.acm-validations.aws."],
    )
    assert made["edge-certificate-validation"]["inputs"]["validationRecordFqdns"] == ["_check.predict.test.com"]
    viewer = made["edge-distribution"]["inputs"]["viewerCertificate"]
    assert viewer["acmCertificateArn"].startswith("arn:aws:acm:us-east-1:")
    assert (viewer["minimumProtocolVersion"], viewer["sslSupportMethod"]) == ("TLSv1.2_2025", "sni-only")
    assert made.dependencies("edge-distribution") >= {"edge-certificate-validation"}


def test_every_name_leads_to_the_distribution(stack: EdgeStack) -> None:
    made = graph(stack, full_args())
    found = {
        (item["inputs"]["name"], item["inputs"]["type"]): item["inputs"]["aliases"]
        for name, item in made.of_type("Record").items()
        if "certificate" not in name
    }
    assert set(found) == {(name, kind) for name in ("predict.test.com", "*.predict.test.com") for kind in ("A", "AAAA")}
    for [alias] in found.values():
        assert alias == {
            "name": "d111111abcdef8.cloudfront.net",
            "zoneId": "Z2FDTNDATAQYW2",
            "evaluateTargetHealth": False,
        }


def test_a_certificate_that_exists_is_used_as_it_is(stack: EdgeStack) -> None:
    made = graph(stack, bare_args(aliases=["a.test.com"], certificate_arn=CERTIFICATE))
    assert not made.of_type("Certificate") and not made.of_type("Record")
    assert made["edge-distribution"]["inputs"]["viewerCertificate"]["acmCertificateArn"] == CERTIFICATE


@pytest.mark.parametrize("part", ["firewall", "logs", "alarms"])
def test_each_part_can_be_left_out(stack: EdgeStack, part: str) -> None:
    made = set(graph(stack, minimal_args(**{part: {"enabled": False}})))
    prefixes = {
        "firewall": ("edge-firewall",),
        "logs": ("edge-log",),
        "alarms": ("edge-errors", "edge-origin-latency", "edge-hit-ratio", "edge-dashboard", "edge-metrics"),
    }
    assert not [name for name in made if name.startswith(prefixes[part])]
    assert made > {"edge-distribution"}


def test_a_name_of_the_longest_length_fits(stack: EdgeStack) -> None:
    name = "e" * 36
    cors = {"origins": ["https://app.test"]}
    made = stack.up(lambda: CloudFrontEdge(name, full_args(routes=[shareable_route(cors=cors, timeout_seconds=1)])))
    most = {"Function": 64, "LogDeliverySource": 60, "LogDeliveryDestination": 60, "Bucket": 63}
    for logical, item in made.items():
        # Pulumi adds a hyphen and seven characters to the name of what has none of its own.
        assert len(logical) + 8 <= most.get(item["type"].split(":")[-1], 128), logical
        assert len(item["inputs"].get("comment", "")) <= 128
