"""The page about the policy pack, from the rules themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pulumi_policy import Policy, StackValidationPolicy

from policies.rules import THEMES
from policies.rules.rule import EXCEPTIONS

_HEAD = """# The policies

{generated}

What `policies/` holds every stack against: a CrossGuard pack for Kong, CloudFront, API Gateway, Media CDN, Cloud
CDN and shared caches. It reads types and inputs of resources alone, so it is for any stack, whatever it was written
with.

```sh
make preview STACK=prod     # make up, too: nothing is changed while a mandatory policy is violated
pulumi preview --policy-pack policies --policy-pack-config Pulumi.prod.policies.json
```

`make` runs the pack with either engine, and gives it `Pulumi.<stack>.policies.json` if there is such a file:

```json
{{
  "all": "mandatory",
  "kong-cache-ttl": {{"maxTtlSeconds": 3600}},
  "owner-tags": {{"enforcementLevel": "mandatory", "keys": ["project", "owner"]}},
  "cloudfront-logs": {{"exceptions": ["trial-*"]}},
  "google-logs": "disabled"
}}
```

- `exceptions` of every policy: names or URNs of resources that may violate it; `*` stands for any text.
- A value that is not known in a preview is not judged, neither for nor against: it is looked at again during `up`,
  before the resource is made. Policies of a whole stack are then looked at again at the end.
- Messages name resources, properties and numbers, never a text that an input holds: that may be a secret.
- Severity low is advisory, all others are mandatory, unless the config says otherwise.
"""

_TABLE = "| policy | what must hold | how to mend it | severity |\n| --- | --- | --- | --- |"


def policies_page(generated: str) -> str:
    """The page; `generated` is the remark that it is generated."""
    return "\n".join(_lines(generated))


def _lines(generated: str) -> Iterator[str]:
    yield _HEAD.format(generated=generated)
    for theme, rules in THEMES.items():
        yield f"## {theme}\n\n{_TABLE}"
        for rule in rules:
            whole = ", whole stack" if isinstance(rule, StackValidationPolicy) else ""
            severity = rule.severity.value if rule.severity else ""
            yield f"| `{rule.name}` | {_cell(rule.description)} | {_cell(rule.remediation_steps)} | {severity}{whole} |"
        yield ""
    yield "## Config\n\n| policy | property | default | meaning |\n| --- | --- | --- | --- |"
    for rules in THEMES.values():
        for rule in rules:
            yield from _properties(rule)
    yield ""


def _properties(rule: Policy) -> Iterator[str]:
    assert rule.config_schema
    for name, schema in rule.config_schema.properties.items():
        if name != EXCEPTIONS:
            default = f"`{json.dumps(schema['default'])}`".replace("|", r"\|")
            yield f"| `{rule.name}` | `{name}` | {default} | {_cell(schema['description'])} |"


def _cell(text: Any) -> str:
    return str(text).replace("|", r"\|").replace("*", r"\*").replace("<", r"\<")
