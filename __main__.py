"""The stack: config -> InferenceEdge -> outputs."""

import pulumi

from components import InferenceEdge
from settings import load_settings
from settings.arguments import edge_arguments

edge = InferenceEdge("edge", edge_arguments(load_settings(pulumi.Config())))
pulumi.export("models", edge.models)
pulumi.export("consumerKeys", edge.consumer_keys)
pulumi.export("edgeId", edge.edge_id)
pulumi.export("edgeDomainName", edge.edge_domain_name)
pulumi.export("edgePublicKeyIds", edge.edge_public_key_ids)
pulumi.export("routerUrls", edge.router_urls)
pulumi.export("sharedCacheAddress", edge.shared_cache_address)
pulumi.export("sharedCacheCaCertificates", edge.shared_cache_ca_certificates)
