"""Grafana's dashboard of pools and the router (pools.json), and Prometheus' rules about them (pools.rules.yaml)."""
