"""Kong's load balancing: upstreams, their targets, the algorithms that choose one, and health checks."""
