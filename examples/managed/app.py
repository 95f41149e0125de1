"""A REST API as it is run: a domain, two stages, a cache, throttles, its own errors, releases in shifts, one key, and what auditors ask."""

from aws_cdk import App, Duration, Environment, Stack
from aws_cdk.aws_certificatemanager import Certificate, CertificateValidation
from aws_cdk.aws_codedeploy import LambdaDeploymentConfig
from aws_cdk.aws_kms import Key
from aws_cdk.aws_route53 import HostedZone
from constructs import Construct

from gateleg.cdk import (
    Cache,
    CachedRoute,
    Canary,
    Compliance,
    Domain,
    GatewayResponse,
    Release,
    RestGateway,
    ServiceFunction,
    Throttle,
    TokenAuthorizer,
)


class PaintsStack(Stack):
    """The API with its domain."""

    def __init__(self, scope: Construct, construct_id: str, *, env: Environment) -> None:
        super().__init__(scope, construct_id, env=env)
        Compliance(Key(self, "Key", enable_key_rotation=True), reserved_concurrency=20).apply(self)
        zone = HostedZone.from_hosted_zone_attributes(self, "Zone", hosted_zone_id="Z0123456789ABCDEFGHIJ", zone_name="example.com")
        certificate = Certificate(self, "Certificate", domain_name="api.example.com", validation=CertificateValidation.from_dns(zone))
        self.rest = RestGateway(
            self,
            "Paints",
            apps=["paints:app"],
            authorizers={"people": TokenAuthorizer(ServiceFunction(self, "Judge", handler="judge:handler"))},
            domain=Domain("api.example.com", certificate, mapping_key="paints", zone=zone),
            function_options={"release": Release(shift=LambdaDeploymentConfig.CANARY_10_PERCENT_5_MINUTES)},
            variables={"shop": "main"},
            throttles={"POST /orders": Throttle(rate_limit=10, burst_limit=5)},
            cache=Cache({"GET /catalogue": CachedRoute(ttl=Duration.minutes(10)), "GET /orders": CachedRoute()}),
            canary=Canary(),
            minimum_compression_size=1_000,
            gateway_responses={"UNAUTHORIZED": GatewayResponse("sign in first", headers={"WWW-Authenticate": "Bearer"})},
        )
        self.beta = self.rest.add_stage("beta", variables={"shop": "beta"}, throttling_rate_limit=5, throttling_burst_limit=5)


if __name__ == "__main__":
    app = App()
    PaintsStack(app, "Paints", env=Environment(account="000000000000", region="eu-west-1"))
    app.synth()
