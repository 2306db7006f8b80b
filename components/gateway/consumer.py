"""KongConsumer: one caller with a key, and the models that it may call."""

from typing import Optional

import pulumi
import pulumi_kong as kong
import pulumi_random as random

from .. import naming, validation
from .arguments import GENERATED_KEY_LENGTH, KongConsumerArgs

_NAME = "KongConsumer"


class KongConsumer(pulumi.ComponentResource):
    """A Kong consumer, its key-auth credential and one ACL group a model.

        web = KongConsumer("web", {"consumer": "web", "groups": {"digits": route.acl_group}})
        pulumi.export("webKey", web.key)

    Raises ArgumentError when a known argument is wrong.
    """

    TYPE = "inference-edge:index:KongConsumer"

    consumer_id: pulumi.Output[str]
    """Kong's id of the consumer."""
    username: pulumi.Output[str]
    """The consumer's name in Kong."""
    key: pulumi.Output[str]
    """The API key, a secret."""

    def __init__(self, name: str, args: KongConsumerArgs, opts: Optional[pulumi.ResourceOptions] = None) -> None:
        validation.check_known(_NAME, "", args, frozenset(KongConsumerArgs.__annotations__))
        short = validation.check_name(_NAME, "consumer", args.get("consumer"))
        given = args.get("key")
        props = {**args, "key": pulumi.Output.secret(given)} if given is not None else {**args}
        super().__init__(self.TYPE, name, props, opts)
        tags, child = naming.stack_tags(), pulumi.ResourceOptions(parent=self)

        consumer = kong.Consumer(f"{name}-consumer", username=naming.kong_name(short), tags=tags, opts=child)
        if given is None:
            given = random.RandomPassword(f"{name}-key", length=GENERATED_KEY_LENGTH, special=False, opts=child).result
        key = pulumi.Output.secret(given)
        kong.ConsumerKeyAuth(f"{name}-key-auth", consumer_id=consumer.id, key=key, tags=tags, opts=child)
        for model, group in (args.get("groups") or {}).items():
            kong.ConsumerAcl(f"{name}-acl-{model}", consumer_id=consumer.id, group=group, tags=tags, opts=child)

        self.consumer_id = consumer.id
        self.username = pulumi.Output.from_input(naming.kong_name(short))
        self.key = key
        self.register_outputs({"consumerId": self.consumer_id, "username": self.username, "key": self.key})
