"""What came after a signature: which bytes, and what they change in the document."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from sipadek.errors import ChangedAfterSigning, SignatureInvalid
from sipadek.signing.verifying.coverage import Piece, check_accounted, check_tail
from sipadek.signing.verifying.evidence import Later
from sipadek.signing.verifying.finding import Found

_WIDGET_KEYS = frozenset(
    f"/{key}"
    for key in (
        *("Type", "Subtype", "FT", "T", "TU", "V", "F", "P", "Rect", "AP", "Border", "BS", "MK"),
        *("DA", "Ff", "Kids", "Lock", "SV", "Parent", "StructParent", "M", "NM"),
    )
)
"""What a later signature's field may have; above all no actions (/A, /AA)."""


def check_revisions(data: bytes, reader: Any, oldest: Found) -> None:
    """That every byte behind the oldest signature belongs to exactly one later revision, and that no
    object number is taken up again under another generation, which readers take differently.

    Raises:
        SignatureInvalid: it is not so.
    """
    from pyhanko.pdf_utils.generic import DictionaryObject, TrailerReference

    at = oldest.coverage.end
    stream, xrefs = reader.stream, reader.xrefs
    for revision in range(oldest.embedded.signed_revision + 1, xrefs.total_revisions):
        pieces = []
        listed = xrefs.explicit_refs_in_revision(revision)
        packed = xrefs.object_streams_used_in(revision)
        for reference in listed | packed:
            if reference.generation:
                raise SignatureInvalid(
                    f"Object {reference.idnum} was given a new generation after a signature, which "
                    "readers take differently. Ask the sender for the file as signed."
                )
            place = xrefs.get_historical_ref(reference, revision)
            if place == xrefs.get_historical_ref(reference, revision - 1):
                continue
            if isinstance(place, int):
                reader.get_object(reference, revision, transparent_decrypt=False)
                pieces.append(Piece(place, stream.tell()))
        section = xrefs.get_xref_container_info(revision)
        end = section.end_location
        if section.stream_ref is None:
            stream.seek(end)
            DictionaryObject.read_from_stream(stream, TrailerReference(reader))
            end = stream.tell()
        else:
            pieces = [each for each in pieces if each.start != section.start_location]
        at = check_accounted(data, at, pieces, Piece(section.declared_startxref, end))
    check_tail(data, at)


def check_new_fields(reader: Any, oldest: Found) -> None:
    """That the fields which came after the oldest signature are plain signature fields.

    Raises:
        ChangedAfterSigning: one has an action, or is no widget.
    """
    from pyhanko.sign.fields import enumerate_sig_fields

    first = oldest.embedded.signed_revision
    for name, _, field in enumerate_sig_fields(reader):
        for part in (field, *field.get_object().get("/Kids", ())):
            if reader.xrefs.get_introducing_revision(part.reference) <= first:
                continue
            entries = part.get_object()
            odd = set(entries) - _WIDGET_KEYS
            if odd or entries.get("/Subtype", "/Widget") != "/Widget":
                raise changed(
                    oldest.coverage.field, f"the new field {name} has more than a signature"
                )


def check_none_left_out(reader: Any, found: Sequence[Found]) -> None:
    """That every signature of an earlier revision is still among those found.

    Raises:
        ChangedAfterSigning: a later revision took one out of the form.
    """
    from pyhanko.sign.fields import enumerate_sig_fields

    names = {each.coverage.field for each in found}
    for revision in range(reader.xrefs.total_revisions - 1):
        earlier = reader.get_historical_resolver(revision)
        for name, _, _ in enumerate_sig_fields(earlier, filled_status=True):
            if name not in names:
                raise changed(str(name), "it was taken out of the form")


def what_came_later(found: Found, status: Any, *, at_end: bool) -> Later:
    """What came after a signature, where it may have come. ``at_end``: it covers the file to its end.

    Raises:
        SignatureInvalid: the signature does not cover its revision.
        ChangedAfterSigning: more than further signatures came.
    """
    from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    field = found.coverage.field
    levels = SignatureCoverageLevel
    if status.coverage != (levels.ENTIRE_FILE if at_end else levels.ENTIRE_REVISION):
        raise SignatureInvalid(
            f"The signature in {field} is not valid: it does not cover the whole revision that it is "
            "in. Ask the sender for the file as signed.",
            field=field,
        )
    names: dict[Any, Later] = {
        ModificationLevel.NONE: "nothing",
        ModificationLevel.LTA_UPDATES: "maintenance",
        ModificationLevel.FORM_FILLING: "signatures",
    }
    difference = status.diff_result
    level = difference.modification_level if isinstance(difference, DiffResult) else None
    # pyHanko says docmdp_ok of signatures only; a time stamp certifies nothing.
    if level not in names or (found.is_signature and not status.docmdp_ok):
        raise changed(field, "beyond further signatures")
    return names[level]


def changed(field: str, how: str) -> ChangedAfterSigning:
    """The error for a document that was changed behind the signature in ``field``."""
    return ChangedAfterSigning(
        f"The document was changed after the signature in {field}: {how}. Have a person compare it "
        "with the file as signed.",
        field=field,
    )


@functools.cache
def difference_policy() -> Any:
    """pyHanko's own policy, without the rule that lets form fields be filled in, and without leave
    to write over an appearance that was signed."""
    from pyhanko.sign import diff_analysis as diff

    level = diff.ModificationLevel.LTA_UPDATES
    rules = [
        diff.DocInfoRule(),
        diff.XrefStreamRule(),
        diff.ObjectStreamRule(),
        diff.DSSCompareRule(),
        diff.MetadataUpdateRule(),
    ]
    return diff.StandardDiffPolicy(
        global_rules=[
            diff.CatalogModificationRule(),
            *(each.as_qualified(level) for each in rules),
        ],
        form_rule=diff.FormUpdatingRule(
            field_rules=[
                diff.SigFieldCreationRule(),
                diff.SigFieldModificationRule(allow_in_place_appearance_stream_changes=False),
            ],
            # No /NeedAppearances, /DR or /DA: with them readers draw fields anew.
            ignored_acroform_keys={"/Fields"},
        ),
    )
