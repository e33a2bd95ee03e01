"""Trust services over HTTP: time stamps (RFC 3161), OCSP (RFC 6960), CRLs and issuers (RFC 5280)."""

from sipadek.trust_services.http_revocation import HttpRevocation
from sipadek.trust_services.http_timestamps import HttpTimestampAuthority

__all__ = ["HttpRevocation", "HttpTimestampAuthority"]
