"""Where an API answers: at its own URL, at its domains, within VPCs; and what would lead around what a domain asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import Token

from gateleg.errors import DeclarationError

if TYPE_CHECKING:
    from gateleg.cdk.domains import Domain


@dataclass(frozen=True)
class Endpoints:
    """Where an API answers, whatever its domains.

    Args:
        owner: The gateway's class, for messages.
        default: Whether the API answers at its own URL.
        private: Whether it answers within VPCs alone.
        security_policy: The least TLS version and ciphers of its own URL.
    """

    owner: str
    default: bool = True
    private: bool = False
    security_policy: str | None = None

    def check(self, domain: Domain | None) -> None:
        """Refuse a domain by which an API is reached by who shall not, or by nobody. Whether anything leads to an API is seen in the whole tree.

        Args:
            domain: The domain of one of its stages.

        Raises:
            DeclarationError: It is one of them.
        """
        if domain is not None:
            self._check_beside(domain)

    def _check_beside(self, domain: Domain) -> None:
        if domain.asks_for_certificates and self.default:
            message = f"{self.owner} asks clients of {domain.known_name} for certificates, and its own URL asks nobody; write default_endpoint=False"
            raise DeclarationError(message, path=f"{self.owner}.default_endpoint", value=True)
        if self.private:
            message = f"a private API answers within VPCs alone, and {domain.url} is for everybody; leave domain out, or endpoint"
            raise DeclarationError(message, path=f"{self.owner}.domain", value=domain)
        self._check_policy(domain)

    def _check_policy(self, domain: Domain) -> None:
        """Refuse a domain that takes less than the API's policy asks for: a domain of `aws_apigatewayv2` knows TLS 1.0 and 1.2 alone."""
        policy = self.security_policy
        if policy is None or Token.is_unresolved(policy) or not policy.startswith("SecurityPolicy_"):
            return
        if domain.is_made_here:
            message = (
                f"security_policy={policy!r} holds for the API's own URL, and {domain.known_name} would take what TLS 1.2 has; make the domain by "
                f"aws_apigateway.CfnDomainName(security_policy={policy!r}, endpoint_access_mode='BASIC', ...), and write "
                "Domain(DomainName.from_domain_name_attributes(...)) with its attributes"
            )
            raise DeclarationError(message, path=f"{self.owner}.security_policy", value=policy)


def url_told(*, default: bool) -> str | None:
    """What the output of a gateway's URL says of it: that it answers nobody where it is off, and domains lead to the API from elsewhere."""
    return None if default else "answers nobody: the API is reached by the domains that are mapped to it"
