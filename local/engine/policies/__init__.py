"""CrossGuard policy packs: what a deployment has to comply with."""
