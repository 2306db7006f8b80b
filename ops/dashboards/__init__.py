"""Grafana's dashboards of models, of pools with the router, and of edges, and Prometheus' rules about the first two."""
