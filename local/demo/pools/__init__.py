"""The demo of a pool of replicas: conversations spread in two ways, then replicas that die, drain and come."""
