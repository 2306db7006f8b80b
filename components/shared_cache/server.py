"""What a gateway needs to know of a Redis or Valkey server."""

from dataclasses import dataclass
from typing import Optional

import pulumi


@dataclass(frozen=True)
class Server:
    """Where the server is and how it lets one in. `username` and `password` are None when it asks for none."""

    host: pulumi.Output[str]
    port: pulumi.Output[int]
    tls: bool
    username: Optional[pulumi.Output[str]] = None
    password: Optional[pulumi.Output[str]] = None  # a secret
    database: Optional[pulumi.Output[int]] = None
    ca_certificates: Optional[pulumi.Output[list[str]]] = None
