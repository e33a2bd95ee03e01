"""Signing with a key on a token: a smart card, a USB token or an HSM, through PKCS #11."""

from sipadek.pkcs11.signer import Pin, TokenSigner

__all__ = ["Pin", "TokenSigner"]
