"""Signing PDFs and judging signatures: who signs, the CMS that is written, and the verification."""

from sipadek.signing.callables import CallableSigner
from sipadek.signing.checking import SignerStatus, check_signer
from sipadek.signing.cms import signed_attributes, signed_data, signed_data_size
from sipadek.signing.detached import sign_detached
from sipadek.signing.detached_verification import DetachedEvidence, verify_detached
from sipadek.signing.document_signer import (
    DocumentSigner,
    ExpectedSigner,
    RemoteSignature,
    accept_reply,
    sign_remotely,
    split_signer,
)
from sipadek.signing.keys import KeySigner
from sipadek.signing.levels import Level, raise_level, renew
from sipadek.signing.pades import (
    Claim,
    Widget,
    add_signature,
    add_stamp,
    fill_signature,
    seal,
)
from sipadek.signing.prepared import AwaitedSigner, HashState, Prepared
from sipadek.signing.revocation import RevocationSource
from sipadek.signing.signer import (
    ECDSA_P256,
    ECDSA_P384,
    ED25519,
    Scheme,
    Signatory,
    Signer,
    rsa_pkcs1,
    rsa_pss,
)
from sipadek.signing.timestamp import TimestampAuthority
from sipadek.signing.verifying import (
    Limits,
    SignatureEvidence,
    VerificationReport,
    Verifier,
    claimed_signers,
    verify_pdf,
)

__all__ = [
    "ECDSA_P256",
    "ECDSA_P384",
    "ED25519",
    "AwaitedSigner",
    "CallableSigner",
    "Claim",
    "DetachedEvidence",
    "DocumentSigner",
    "ExpectedSigner",
    "HashState",
    "KeySigner",
    "Level",
    "Limits",
    "Prepared",
    "RemoteSignature",
    "RevocationSource",
    "Scheme",
    "Signatory",
    "SignatureEvidence",
    "Signer",
    "SignerStatus",
    "TimestampAuthority",
    "VerificationReport",
    "Verifier",
    "Widget",
    "accept_reply",
    "add_signature",
    "add_stamp",
    "check_signer",
    "claimed_signers",
    "fill_signature",
    "raise_level",
    "renew",
    "rsa_pkcs1",
    "rsa_pss",
    "seal",
    "sign_detached",
    "sign_remotely",
    "signed_attributes",
    "signed_data",
    "signed_data_size",
    "split_signer",
    "verify_detached",
    "verify_pdf",
]
