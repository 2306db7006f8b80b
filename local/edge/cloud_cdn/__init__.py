"""Google's Cloud CDN and the load balancer in front of it, from their registered resources."""

TYPES = frozenset(
    {
        "gcp:compute/backendService:BackendService",
        "gcp:compute/backendServiceSignedUrlKey:BackendServiceSignedUrlKey",
        "gcp:compute/globalForwardingRule:GlobalForwardingRule",
        "gcp:compute/globalNetworkEndpoint:GlobalNetworkEndpoint",
        "gcp:compute/globalNetworkEndpointGroup:GlobalNetworkEndpointGroup",
        "gcp:compute/targetHttpProxy:TargetHttpProxy",
        "gcp:compute/targetHttpsProxy:TargetHttpsProxy",
        "gcp:compute/uRLMap:URLMap",
    }
)
