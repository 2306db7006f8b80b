"""The policy pack: ``pulumi preview --policy-pack policies``."""

from pulumi_policy import EnforcementLevel, PolicyPack
from rules import RULES

PolicyPack("inference-edge", RULES, EnforcementLevel.MANDATORY)
