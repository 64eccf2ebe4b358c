"""`Listing`: all that was recorded of one kind, and what its absence proves."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from gatepath.model.ref import Gap, GapReason, Unknown

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What one recorded, uncut list is complete for.

    `vpc_ids`/`ids` None = not restricted by that filter. A list with any other filter has no coverage.
    """

    account: str
    region: str
    vpc_ids: frozenset[str] | None = None
    ids: frozenset[str] | None = None
    aws_managed_only: bool = False
    """Complete for what AWS owns only (`DescribePrefixLists` lists no customer-managed prefix list)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[T]):
    """Rows by id (possibly built on first access) and the coverage of the lists they came from.

    `operation` is the call that lists this kind, `service.Operation`. `shared_view`: a participant of a
    shared VPC sees these of the owner's, so its list proves absence too
    (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-share-limitations.html).
    """

    operation: str
    rows: Mapping[str, T] = field(default_factory=dict)
    by_vpc: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """VPC id -> keys of its rows."""
    coverage: tuple[Coverage, ...] = ()
    gaps: tuple[Gap, ...] = ()
    """Calls of this operation that were denied, failed or cut short."""
    shared_view: bool = False

    def get(self, key: str) -> T | None:
        """Return the row, or None; None alone proves nothing (see `missing`)."""
        return self.rows.get(key)

    def __iter__(self) -> Iterator[T]:
        """Iterate over all rows."""
        return iter(self.rows.values())

    def of_vpc(self, vpc_id: str) -> tuple[T, ...]:
        """Return the recorded rows of one VPC."""
        return tuple(self.rows[key] for key in self.by_vpc.get(vpc_id, ()))

    def missing(
        self,
        *,
        region: str,
        account: str | None = None,
        vpc_id: str | None = None,
        id: str | None = None,  # noqa: A002 - AWS's word
        aws_managed: bool = False,
    ) -> Unknown | None:
        """Return None if what is not among the rows is proven not to exist, else the gap.

        `account` is the owner whose list decides (None: any recorded account), `vpc_id` limits the question
        to one VPC, `id` to one id, `aws_managed` to what AWS owns.
        """
        owner_only = partly = False
        for cover in self.coverage:
            if cover.region != region or (cover.aws_managed_only and not aws_managed):
                continue
            if cover.vpc_ids is not None and (vpc_id is None or vpc_id not in cover.vpc_ids):
                partly = True
                continue
            if cover.ids is not None and (id is None or id not in cover.ids):
                partly = True
                continue
            if account is None or cover.account == account or self.shared_view:
                return None
            owner_only = True
        gaps = self._relevant_gaps(region, account, owner_only=owner_only)
        wanted = ("id", id) if id is not None else ("vpc-id", vpc_id or "")
        if partly and not owner_only and wanted[1]:
            gaps = tuple(_uncovered(gap, (wanted[0], wanted[1])) for gap in gaps)
        return Unknown(gaps)

    def _relevant_gaps(self, region: str, account: str | None, *, owner_only: bool) -> tuple[Gap, ...]:
        known = tuple(
            gap
            for gap in self.gaps
            if gap.region in {region, None} and (account is None or gap.account in {account, None})
        )
        if known:
            return known
        service, _, operation = self.operation.partition(".")
        reason = GapReason.NOT_OWNER if owner_only else GapReason.NOT_RECORDED
        return (Gap(service=service, operation=operation, reason=reason, account=account, region=region),)

    def find(
        self, key: str, *, region: str, account: str | None = None, vpc_id: str | None = None
    ) -> T | Unknown | None:
        """Return the row; None if it is proven not to exist; else what is missing."""
        row = self.rows.get(key)
        return row if row is not None else self.missing(region=region, account=account, vpc_id=vpc_id, id=key)

    def with_row(self, key: str, row: T, vpc_id: str | None = None) -> "Listing[T]":
        """Return a copy in which `key` is `row` (a change of the world, tried)."""
        by_vpc = self.by_vpc
        if vpc_id is not None and key not in by_vpc.get(vpc_id, ()):
            by_vpc = {**by_vpc, vpc_id: (*by_vpc.get(vpc_id, ()), key)}
        return replace(self, rows={**self.rows, key: row}, by_vpc=by_vpc)


def _uncovered(gap: Gap, wanted: tuple[str, str]) -> Gap:
    """Return what is missing where the call was recorded for others only."""
    if gap.reason is not GapReason.NOT_RECORDED:
        return gap
    return replace(gap, reason=GapReason.NOT_COVERED, request=(wanted,))
