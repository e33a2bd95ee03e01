"""A draft: what its author says of a letter, and what it lacks before it can go its way."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any, Self

import attrs

from sipadek.archive import Secrecy
from sipadek.correspondence.kinds import LetterKind
from sipadek.errors import FieldsMissing, InvalidInput
from sipadek.people import Organisation


def _secrecy(value: str) -> Secrecy:
    try:
        return Secrecy(value)
    except ValueError:
        known = ", ".join(Secrecy)
        raise InvalidInput(f"secrecy is {value!r}; give one of {known}", field="secrecy") from None


def _texts(value: Iterable[str]) -> tuple[str, ...]:
    if isinstance(value, str):
        raise InvalidInput(f"{value!r} is one text; give a list of them")
    return tuple(value)


@attrs.frozen(kw_only=True)
class Draft:
    """A letter before it is one.

    ``unit`` is whose letter it is, ``signatory`` the post that signs it; ``signing_for`` the posts in
    whose name it is signed, the topmost first: one gives "a.n.", two "a.n." and "u.b.". ``chain`` are
    the posts that give their paraf, in this order. ``to`` and ``copies`` (tembusan) are unit codes,
    which are sent to, or any other text, which only stands in the letter. ``content`` holds what the
    kind's template sets: texts, lists and lists of lists. ``urgency`` (sifat) and ``attachments``
    (lampiran) are texts.
    """

    kind: str
    unit: str
    subject: str
    signatory: str
    chain: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    to: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    copies: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    signing_for: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    classification: str = ""
    secrecy: Secrecy = attrs.field(default=Secrecy.BIASA, converter=_secrecy)
    urgency: str = "Biasa"
    attachments: str = ""
    content: Mapping[str, Any] = attrs.field(factory=dict)

    def body(self) -> dict[str, Any]:
        """The draft as plain values, as a case keeps it."""
        return {
            **attrs.asdict(self, recurse=False),
            "secrecy": self.secrecy.value,
            **{
                name: list(getattr(self, name)) for name in ("chain", "to", "copies", "signing_for")
            },
        }

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Self:
        """The draft of such values. Raises InvalidInput for others."""
        try:
            return cls(**body)
        except TypeError as error:
            raise InvalidInput(f"this is no draft: {error}") from None


def units_among(names: Iterable[str], organisation: Organisation) -> tuple[str, ...]:
    """Those of the recipients that are units."""
    known = {unit.code for unit in organisation.units}
    return tuple(dict.fromkeys(name for name in names if name in known))


def check_draft(draft: Draft, kinds: Mapping[str, LetterKind], organisation: Organisation) -> None:
    """Refuse what could never be signed, although it may still be incomplete.

    Raises InvalidInput or NotFound.
    """
    if draft.kind not in kinds:
        raise InvalidInput(
            f"There is no kind of letter {draft.kind!r}; use one of {', '.join(kinds)}.",
            field="kind",
        )
    organisation.unit(draft.unit)
    for post in (draft.signatory, *draft.chain, *draft.signing_for):
        if post:
            organisation.post(post)
    signing = [*draft.chain, draft.signatory]
    if len(set(signing)) != len(signing):
        raise InvalidInput(
            f"The chain {', '.join(draft.chain)} names a post twice, or the signatory "
            f"{draft.signatory}, whose signature is its paraf.",
            field="chain",
        )
    line = [*draft.signing_for, draft.signatory]
    for above, below in itertools.pairwise(line):
        if organisation.post(below).above != above:
            raise InvalidInput(
                f"{below} cannot sign for {above}: a.n. goes one level down, and {below} stands under "
                f"{organisation.post(below).above or 'nobody'}.",
                field="signing_for",
            )
    if len(draft.signing_for) > 2:
        raise InvalidInput("A letter is signed for two posts at most.", field="signing_for")


def check_complete(
    draft: Draft, kinds: Mapping[str, LetterKind], organisation: Organisation
) -> None:
    """Refuse a draft that cannot go its way yet.

    Raises:
        FieldsMissing: it lacks something that its kind needs.
        InvalidInput: a post of the chain, or the signatory, may not see a letter of its secrecy.
    """
    check_draft(draft, kinds, organisation)
    kind = kinds[draft.kind]
    missing = [name for name in ("subject", "signatory") if not getattr(draft, name).strip()]
    if kind.addressed and not draft.to:
        missing.append("to")
    missing += [f"content.{name}" for name in kind.needs if not draft.content.get(name)]
    if missing:
        raise FieldsMissing(
            f"The {kind.title} lacks {', '.join(missing)}. Fill it in before it is submitted.",
            missing=tuple(missing),
        )
    for post in (*draft.chain, draft.signatory):
        if organisation.post(post).clearance.rank < draft.secrecy.rank:
            raise InvalidInput(
                f"{post} may not see letters of secrecy {draft.secrecy.value}; choose another post.",
                field="chain",
            )
