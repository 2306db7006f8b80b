"""How Google's provider is kept from deleting."""

from typing import Optional


def deletion_policy(protect: bool) -> Optional[str]:
    """PREVENT, by which the provider refuses to delete; by default it deletes."""
    return "PREVENT" if protect else None
