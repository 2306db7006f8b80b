"""The HTTP cache that every edge here has: RFC 9111's store, revalidation, stale answers, request collapsing."""
