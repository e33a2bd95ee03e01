"""Signing PDFs and judging signatures: who signs, the CMS that is written, and the verification."""

from sipadek.signing.cms import signed_attributes, signed_data, signed_data_size
from sipadek.signing.evidence import SignatureEvidence
from sipadek.signing.keys import KeySigner
from sipadek.signing.pades import Claim, HashState, Widget, add_signature, add_stamp, seal
from sipadek.signing.signer import (
    ECDSA_P256,
    ECDSA_P384,
    ED25519,
    Scheme,
    Signer,
    rsa_pkcs1,
    rsa_pss,
)
from sipadek.signing.verification import claimed_signers, verify_pdf

__all__ = [
    "ECDSA_P256",
    "ECDSA_P384",
    "ED25519",
    "Claim",
    "HashState",
    "KeySigner",
    "Scheme",
    "SignatureEvidence",
    "Signer",
    "Widget",
    "add_signature",
    "add_stamp",
    "claimed_signers",
    "rsa_pkcs1",
    "rsa_pss",
    "seal",
    "signed_attributes",
    "signed_data",
    "signed_data_size",
    "verify_pdf",
]
