"""Who can be granted something."""

from __future__ import annotations

from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from gateleg.cdk.service_function import ServiceFunction

Grantee = iam.IGrantable | iam.Role | lambda_.FunctionBase | ServiceFunction
"""CDK's own classes stand beside `IGrantable` because their stubs do not say, to a type checker, that they are one."""
