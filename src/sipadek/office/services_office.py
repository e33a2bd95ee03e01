"""The part of an office that serves citizens, and whoever holds one of its letters."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from sipadek.archive import Letter
from sipadek.office.stamping import StampStyle
from sipadek.sql import Register

if TYPE_CHECKING:  # Who only files letters does not load what services need.
    from sipadek.office.office import Office
    from sipadek.office.services import CitizenServices
    from sipadek.people import Organisation
    from sipadek.services import Catalogue, VerificationView


class OfficeServices:
    """What `Office` does for citizens."""

    _clock: Callable[[], datetime.datetime]
    _register: Register
    _style: StampStyle

    def get(self, number_or_id: str) -> Letter:
        """The letter of that number or id."""
        raise NotImplementedError

    def services(
        self, organisation: Organisation, *, series: str, catalogue: Catalogue | None = None
    ) -> CitizenServices:
        """The desk of citizen services, whose letters take numbers of the ``series`` (code).

        ``organisation`` says who acts in which post: the catalogue names roles of posts at the unit that
        is asked, and each needs the grant 'service.act' (the camat's with the reach 'below'); who reads
        complaints and erases needs 'service.oversee'. ``catalogue`` is by default the one that comes
        with the library.
        """
        from sipadek.office.service_cases import ServiceCases
        from sipadek.office.service_letters import LetterDesk
        from sipadek.office.service_staff import ServiceStaff
        from sipadek.office.services import CitizenServices
        from sipadek.services import default_catalogue

        staff = ServiceStaff(organisation)
        office = cast("Office", self)
        return CitizenServices(
            catalogue=catalogue or default_catalogue(),
            cases=ServiceCases(self._register.cases),
            staff=staff,
            letters=LetterDesk(office=office, staff=staff, series=series, style=self._style),
            clock=self._clock,
        )

    def verification_view(
        self, scanned: str, *, services: CitizenServices | None = None
    ) -> VerificationView:
        """What anyone may know of the letter whose QR code holds ``scanned``: whether it is valid, void
        or expired, its kind, number, date and unit, and with ``services`` the masked name.

        The letter's id is taken too, but no number: that can be guessed. Raises InvalidInput where it is
        no such code, and NotFound where no letter was issued with it.
        """
        from sipadek.office.verification import verification_view

        return verification_view(
            scanned,
            get=self.get,
            product_of=(lambda _: None) if services is None else services.product_of,
            today=lambda letter: self._register.series(letter.details.series).local_date(
                self._clock()
            ),
        )
