"""CloudFront, from its registered resources."""

TYPES = frozenset(
    {
        "aws:cloudfront/cachePolicy:CachePolicy",
        "aws:cloudfront/distribution:Distribution",
        "aws:cloudfront/function:Function",
        "aws:cloudfront/keyGroup:KeyGroup",
        "aws:cloudfront/originRequestPolicy:OriginRequestPolicy",
        "aws:cloudfront/publicKey:PublicKey",
        "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
        "aws:cloudfront/vpcOrigin:VpcOrigin",
        # Taken and kept, but without effect on any answer here: log settings and the weights of a staged rollout.
        "aws:cloudfront/continuousDeploymentPolicy:ContinuousDeploymentPolicy",
        "aws:cloudfront/realtimeLogConfig:RealtimeLogConfig",
    }
)
