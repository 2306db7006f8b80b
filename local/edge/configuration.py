"""Everything that is registered, ready to answer requests: one consistent, unchanging whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from local.edge.cloud_cdn.load_balancer import LoadBalancer, load_balancers
from local.edge.cloudfront.distribution import Distribution
from local.edge.cloudfront.distributions import Distributions
from local.edge.cloudfront.javascript import JavaScript
from local.edge.fields import ConfigurationError
from local.edge.media_cdn.service import EdgeCacheService, edge_cache_services
from local.edge.resource import Resource

Site = Distribution | EdgeCacheService | LoadBalancer


class Configuration:
    """The sites that a set of resources makes; raises ConfigurationError when one cannot be served.

    Usage:
        configuration = Configuration(resources, functions)    # functions: compiled ones of CloudFront, by resource
        site = configuration.site("predict.example.com:443")
    """

    def __init__(self, resources: Iterable[Resource], functions: Mapping[str, JavaScript]) -> None:
        resources = list(resources)
        self.distributions = Distributions(resources, functions)
        self.edge_cache_services = edge_cache_services(resources)
        self.load_balancers = load_balancers(resources)
        self._sites: list[Site] = [
            *self.distributions.values(),
            *self.edge_cache_services.values(),
            *self.load_balancers.values(),
        ]
        self._by_name: dict[str, Site] = {}
        for one in self._sites:
            for name in one.names:
                if name in self._by_name and type(one) is type(self._by_name[name]):
                    raise ConfigurationError(f"two sites are called {name} (names must be unique)")
                self._by_name[name] = one

    def site(self, host: str) -> Site | None:
        """Return the site that has this name (with or without a port); a single one takes every host.

        A name such as *.example.com covers one level (CloudFront Developer Guide, "Alternate domain names"); Google's
        sites have addresses of their own and choose by host within. Where products have the same name, while one
        replaces the other, DNS tells them apart; here Cloud CDN answers before Media CDN, and both before
        CloudFront.
        """
        if len(self._sites) == 1:
            found = self._sites[0]
        else:
            name = host.partition(":")[0].lower()
            found = self._by_name.get(name) or self._by_name.get(f"*.{name.partition('.')[2]}")
        return found if found is not None and found.enabled else None
