"""A server that exists already: its arguments, checked as soon as they are known."""

import pulumi

from .arguments import REDIS_PORT, ExistingCacheArgs
from .checks import check_tls, checked
from .server import Server


def existing_server(args: ExistingCacheArgs) -> Server:
    """The server that the arguments describe; nothing is made."""
    tls = bool(args.get("tls", True))
    username, password = args.get("username"), args.get("password")
    return Server(
        host=checked("existing.host", args["host"]).apply(lambda host: check_tls(tls, host)),
        port=checked("existing.port", args.get("port"), REDIS_PORT),
        tls=tls,
        username=None if username is None else checked("existing.username", username),
        password=None if password is None else pulumi.Output.secret(checked("existing.password", password)),
        database=checked("existing.database", args.get("database"), 0),
    )
