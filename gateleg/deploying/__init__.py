"""Deploys a project to AWS by the real CDK CLI, its changes judged before.

`DeployProject` is the whole of it for a program; `gateleg plan`, `gateleg deploy` and `gateleg lock` for a person.
"""

from gateleg.deploying.project import DeployProject

__all__ = ["DeployProject"]
