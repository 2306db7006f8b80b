"""CloudFrontEdge: a CloudFront distribution in front of the gateway, which keeps what may be shared."""

import hashlib
from collections.abc import Sequence
from typing import Any, Optional

import pulumi
from pulumi_aws import cloudfront

from ...camel_case import camel_case
from ..arguments import CACHE_TAG_HEADER, AuthenticationMode, CloudFrontEdgeArgs, EdgeAuthenticationArgs, EdgeRouteArgs
from ..route_checks import check_distinct, check_path
from . import function, policies
from .access_logs import access_logs
from .alarms import alarms
from .behaviors import BehaviorParts, default_behavior, shareable_behaviors
from .checks import check_arguments
from .dns import alias_records, certificate_arn
from .firewall import web_acl
from .function import COMPONENT, FunctionRoute, JwtRules
from .origin import origin, read_timeout_seconds, vpc_origin
from .signed_urls import SigningKeys, signing_keys

# Status -> seconds that an error without a lifetime of its own is kept; by default CloudFront keeps one for 10.
_ERROR_SECONDS = {
    **dict.fromkeys((400, 403, 404, 405, 414, 416), 0),
    **dict.fromkeys((500, 501, 502, 503), 1),
    504: 2,
}
_MINIMUM_TLS = "TLSv1.2_2025"


class CloudFrontEdge(pulumi.ComponentResource):
    """A distribution that answers GET for shareable models and passes on everything else uncached.

        edge = CloudFrontEdge("edge", {
            "routes": [{"model": "digits", "path": route.path, "shareable": True,
                        "version_token": route.version_token, "ttl_seconds": 300}],
            "origin": {"domain": "kong.example.com"}, "origin_secret": secret.current},
            pulumi.ResourceOptions(depends_on=[route]))
        pulumi.export("url", edge.url)

    Pass what the gateway must know first in `depends_on`: the Function and the distribution are made after it and
    deleted before it. Without aliases viewers get CloudFront's own certificate, for which TLS 1.0 cannot be excluded.
    With signed URLs every request for a shareable model's path must be signed, POST as well.
    Raises ArgumentError when a known argument is wrong.
    """

    TYPE = "inference-edge:index:CloudFrontEdge"

    edge_id: pulumi.Output[str]
    """CloudFront's id of the distribution."""
    domain_name: pulumi.Output[str]
    """The distribution's own host name."""
    url: pulumi.Output[str]
    """Base URL for callers: of the first alias that is no wildcard, else of the distribution."""
    public_key_ids: pulumi.Output[list[str]]
    """With signed URLs, what is a URL's `Key-Pair-Id`: CloudFront's id of each public key, in the order given."""

    def __init__(self, name: str, args: CloudFrontEdgeArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        check_arguments(name, args)
        _check_function(args)
        super().__init__(self.TYPE, name, camel_case(_with_secrets(args)), opts)
        self._name, self._args, self._routes = name, args, args["routes"]
        self._child = pulumi.ResourceOptions(parent=self)
        self._kept = self._options(protect=args.get("protect") or None)
        self._after = self._options(depends_on=opts.depends_on if opts else None)

        authentication = args.get("authentication") or {}
        signed = _caches(self._routes) and _mode(authentication) is AuthenticationMode.SIGNED_URL
        keys = signing_keys(name, authentication.get("public_keys") or [], self._child) if signed else None
        distribution = self._distribution(self._parts(keys))
        zone = args.get("hosted_zone_id")
        if zone is not None:
            alias_records(name, args.get("aliases") or [], zone, distribution, self._child)
        self._operations(distribution)

        self.edge_id = distribution.id
        self.domain_name = distribution.domain_name
        own = next((alias for alias in args.get("aliases") or [] if not alias.startswith("*")), None)
        self.url = pulumi.Output.concat("https://", own or distribution.domain_name)
        self.public_key_ids = keys.ids if keys else pulumi.Output.from_input([])
        self.register_outputs(
            {
                "edgeId": self.edge_id,
                "domainName": self.domain_name,
                "url": self.url,
                "publicKeyIds": self.public_key_ids,
            }
        )

    def _parts(self, keys: Optional[SigningKeys]) -> BehaviorParts:
        name, child = self._name, self._child
        caches = _caches(self._routes)
        return BehaviorParts(
            function=self._function(self._args.get("authentication") or {}),
            cache=policies.cache_policy(name, self._routes, child) if caches else None,
            shareable_request=policies.shareable_request_policy(name, child) if caches else None,
            default_request=policies.default_request_policy(name, child),
            response_headers=policies.response_headers_policies(name, self._routes, child),
            key_group=keys.group if keys else None,
        )

    def _function(self, authentication: EdgeAuthenticationArgs) -> cloudfront.Function:
        secrets = authentication.get("secrets") or []
        known = pulumi.Output.all(
            pulumi.Output.all(*(route["path"] for route in self._routes)),
            pulumi.Output.all(*(route.get("version_token", "") for route in self._routes)),
            pulumi.Output.all(*secrets),
        )
        code = known.apply(lambda known: _code(self._args, *known))
        return cloudfront.Function(
            f"{self._name}-viewer-request",
            comment=f"{self._name}: what may reach the cache and the gateway",
            runtime=function.RUNTIME,
            code=pulumi.Output.secret(code) if secrets else code,
            publish=True,
            opts=self._after,
        )

    def _distribution(self, parts: BehaviorParts) -> cloudfront.Distribution:
        args, name = self._args, self._name
        firewall = (args.get("firewall") or {}).get("enabled", True)
        staged = args.get("continuous_deployment_policy_id")
        return cloudfront.Distribution(
            f"{name}-distribution",
            enabled=True,
            comment=pulumi.Output.unsecret(parts.function.code.apply(lambda code: _comment(name, code))),
            is_ipv6_enabled=True,
            http_version=args.get("http_version") or ("http2" if staged is not None else "http2and3"),
            price_class=args.get("price_class", "PriceClass_100"),
            aliases=args.get("aliases") or None,
            viewer_certificate=self._viewer_certificate(),
            origins=[origin(args, vpc_origin(name, args, self._child))],
            default_cache_behavior=default_behavior(parts),
            ordered_cache_behaviors=shareable_behaviors(self._routes, parts),
            cache_tag_config={"header_name": CACHE_TAG_HEADER},
            custom_error_responses=[
                {"error_code": code, "error_caching_min_ttl": seconds} for code, seconds in _ERROR_SECONDS.items()
            ],
            restrictions={"geo_restriction": self._geo_restriction()},
            web_acl_id=web_acl(name, args, self._child).arn if firewall else None,
            continuous_deployment_policy_id=staged,
            retain_on_delete=bool(args.get("protect")),
            wait_for_deployment=args.get("wait_for_deployment", True),
            opts=pulumi.ResourceOptions.merge(
                pulumi.ResourceOptions.merge(self._kept, self._after),
                pulumi.ResourceOptions(additional_secret_outputs=["origins"]),
            ),
        )

    def _viewer_certificate(self) -> cloudfront.DistributionViewerCertificateArgs:
        arn, zone = self._args.get("certificate_arn"), self._args.get("hosted_zone_id")
        if zone is not None:
            aliases = self._args.get("aliases") or []
            arn = certificate_arn(self._name, aliases, zone, self._child, self._kept)
        if arn is None:
            return cloudfront.DistributionViewerCertificateArgs(cloudfront_default_certificate=True)
        return cloudfront.DistributionViewerCertificateArgs(
            acm_certificate_arn=arn, minimum_protocol_version=_MINIMUM_TLS, ssl_support_method="sni-only"
        )

    def _geo_restriction(self) -> cloudfront.DistributionRestrictionsGeoRestrictionArgsDict:
        given = self._args.get("geo_restriction") or {}
        kind = "whitelist" if given.get("allow") else "blacklist" if given.get("deny") else "none"
        return {"restriction_type": kind, "locations": sorted(given.get("allow") or given.get("deny") or [])}

    def _operations(self, distribution: cloudfront.Distribution) -> None:
        logs, watch = self._args.get("logs") or {}, self._args.get("alarms") or {}
        if logs.get("enabled", True):
            access_logs(self._name, logs, distribution, self._child, self._kept)
        if watch.get("enabled", True):
            alarms(
                self._name,
                watch,
                distribution,
                caches=_caches(self._routes),
                read_timeout_seconds=read_timeout_seconds(self._args),
                opts=self._child,
            )

    def _options(self, **more: Any) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions.merge(self._child, pulumi.ResourceOptions(**more))


def _comment(name: str, code: str) -> str:
    """Names the Function's source. Locations run a new one only once the distribution is deployed
    (publish-function.html): so a rollout changes the distribution, too, and waits until all have the new version."""
    return f"{name}: predictions, function {hashlib.sha256(code.encode()).hexdigest()[:12]}"


def _caches(routes: Sequence[EdgeRouteArgs]) -> bool:
    return any(route["shareable"] for route in routes)


def _mode(authentication: EdgeAuthenticationArgs) -> AuthenticationMode:
    return AuthenticationMode(authentication.get("mode", AuthenticationMode.NONE))


def _code(args: CloudFrontEdgeArgs, paths: Sequence[str], tokens: Sequence[str], secrets: Sequence[str]) -> str:
    """The Function's source, once everything in it is known. Raises ArgumentError."""
    check_distinct(COMPONENT, "path", paths)
    table: dict[str, FunctionRoute] = {}
    for route, path, token in zip(args["routes"], paths, tokens, strict=True):
        if route["shareable"] and not token:
            token = "missing"  # never a shareable model without a version: the rendering refuses it
        headers = tuple(sorted(set(route.get("key_headers") or [])))
        table[check_path(COMPONENT, path)] = FunctionRoute(token, headers) if route["shareable"] else FunctionRoute("")
    given = args.get("authentication") or {}
    jwt = JwtRules(tuple(secrets), given.get("issuer"), given.get("audience")) if secrets else None
    return function.render(table, jwt)


def _check_function(args: CloudFrontEdgeArgs) -> None:
    """Its size and its versions, early, where paths and secrets are known: versions have one size."""
    secrets = (args.get("authentication") or {}).get("secrets") or []
    paths = [route["path"] for route in args["routes"]]
    given = [route.get("version_token", "") for route in args["routes"]]
    tokens = [token if isinstance(token, str) else function.PLACEHOLDER_TOKEN for token in given]
    known_paths = [path for path in paths if isinstance(path, str)]
    known_secrets = [secret for secret in secrets if isinstance(secret, str)]
    if len(known_paths) == len(paths) and len(known_secrets) == len(secrets):
        _code(args, known_paths, tokens, known_secrets)


def _with_secrets(args: CloudFrontEdgeArgs) -> dict[str, Any]:
    known: dict[str, Any] = {**args, "origin_secret": pulumi.Output.secret(args["origin_secret"])}
    authentication = args.get("authentication") or {}
    if authentication.get("secrets"):
        secrets = [pulumi.Output.secret(secret) for secret in authentication.get("secrets") or []]
        known["authentication"] = {**authentication, "secrets": secrets}
    return known
