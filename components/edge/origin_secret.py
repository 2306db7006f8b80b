"""OriginSecret: the value by which the gateway knows its edge, and how it is exchanged without a failed request."""

from typing import Any, Optional

import pulumi
import pulumi_random as random

from .. import validation
from .arguments import OriginSecretArgs

_COMPONENT = "OriginSecret"
_LENGTH = 48  # letters and digits: 285 bits


class OriginSecret(pulumi.ComponentResource):
    """Two secrets, of which one is sent by the edge and both are accepted by the gateway.

        secret = OriginSecret("edge-secret", {"rotation": 1})
        # gateway: secret.accepted     edge, after the gateway: secret.current

    A rotation replaces the one that is not in use and makes it current. Let every location of the edge have a
    rotation before the next one. Raises ArgumentError when `rotation` is no whole number of at least 1.
    """

    TYPE = "inference-edge:index:OriginSecret"

    accepted: pulumi.Output[list[str]]
    """Both secrets."""
    current: pulumi.Output[str]
    """The secret that the edge sends."""

    def __init__(self, name: str, args: OriginSecretArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        validation.check_known(_COMPONENT, "", args, frozenset(OriginSecretArgs.__annotations__))
        rotation = _whole(args.get("rotation"))
        super().__init__(self.TYPE, name, {"rotation": rotation}, opts)

        # Slot A is drawn anew by odd rotations, slot B by even ones.
        slots = [self._slot(f"{name}-a", (rotation + 1) // 2), self._slot(f"{name}-b", rotation // 2)]

        self.accepted = pulumi.Output.secret(pulumi.Output.all(*slots))
        self.current = slots[(rotation + 1) % 2]
        self.register_outputs({"accepted": self.accepted, "current": self.current})

    def _slot(self, name: str, drawn: int) -> pulumi.Output[str]:
        password = random.RandomPassword(
            name,
            length=_LENGTH,
            special=False,
            keepers={"rotation": str(drawn)},
            opts=pulumi.ResourceOptions(parent=self),
        )
        return pulumi.Output.secret(password.result)


def _whole(rotation: Any) -> int:
    number = isinstance(rotation, int | float) and not isinstance(rotation, bool)
    if not number or rotation != int(rotation) or rotation < 1:
        raise validation.ArgumentError(_COMPONENT, "rotation", "must be a whole number of at least 1")
    return int(rotation)
