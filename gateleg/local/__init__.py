"""Runs a project's stacks on an embedded AWS on loopback, deployed by the real CDK CLI.

`LocalAws` is the whole of it for a program; `gateleg local up` for a person.
"""

from gateleg.local.endpoints import Endpoint
from gateleg.local.functions import DeployedFunction, LogLine
from gateleg.local.local_aws import LocalAws
from gateleg.local.template import Target

__all__ = ["DeployedFunction", "Endpoint", "LocalAws", "LogLine", "Target"]
