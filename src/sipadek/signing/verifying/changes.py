"""What came after a signature, and what it changes in the document."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from sipadek.errors import ChangedAfterSigning, SignatureInvalid
from sipadek.signing.verifying.evidence import Later
from sipadek.signing.verifying.finding import Found


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
            diff.CatalogModificationRule(
                ignored_keys={"/AcroForm", "/DSS", "/Extensions", "/Metadata", "/Version"}
            ),
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
