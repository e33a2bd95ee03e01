"""Whether a certificate may sign documents: one rule for making and for judging signatures."""

from __future__ import annotations

from cryptography import x509

_FOREIGN_PURPOSES = frozenset(
    {
        x509.oid.ExtendedKeyUsageOID.CODE_SIGNING,
        x509.oid.ExtendedKeyUsageOID.OCSP_SIGNING,
        x509.oid.ExtendedKeyUsageOID.SERVER_AUTH,
        x509.oid.ExtendedKeyUsageOID.TIME_STAMPING,
    }
)


def usage_problem(certificate: x509.Certificate) -> str:
    """Why ``certificate`` may not sign documents, as part of a sentence; empty when it may.

    Where the key usage extension is present it must allow digitalSignature or nonRepudiation
    (contentCommitment). Certificates of authorities, and those whose extended key usage holds
    nothing but purposes of machines (servers, code, time stamps, OCSP), are refused.
    RFC 5280, 4.2.1.
    """
    try:
        extensions = certificate.extensions
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return "its extensions cannot be read"
    try:
        if extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
            return "it belongs to a certificate authority"
    except x509.ExtensionNotFound:
        pass
    try:
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
        if not (usage.digital_signature or usage.content_commitment):
            return "its key usage allows neither digitalSignature nor nonRepudiation"
    except x509.ExtensionNotFound:
        pass
    try:
        purposes = set(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
        if purposes <= _FOREIGN_PURPOSES:
            return "its extended key usage is for machines, not for documents"
    except x509.ExtensionNotFound:
        pass
    return ""
