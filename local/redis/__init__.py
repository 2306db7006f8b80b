"""A real Valkey (or Redis) server as a part of the local world."""
