"""A snapshot to the world it describes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from gatepath.model.world import World
from gatepath.snapshot.containers import read_records
from gatepath.snapshot.load_clusters import cluster_listings
from gatepath.snapshot.load_controls import control_listings
from gatepath.snapshot.load_identities import identity_listings
from gatepath.snapshot.load_names import name_listings
from gatepath.snapshot.load_network import network_listings
from gatepath.snapshot.load_organizations import organization_listings
from gatepath.snapshot.load_policies import policy_listings
from gatepath.snapshot.load_routes import route_listings
from gatepath.snapshot.load_workloads import workload_listings
from gatepath.snapshot.pages import Recording
from gatepath.snapshot.public_ranges import public_ranges
from gatepath.snapshot.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A world and what it was read from: number of records by operation, accounts, Regions."""

    world: World
    calls: Mapping[str, int]
    accounts: tuple[str, ...]
    regions: tuple[str, ...]


def load(records: Iterable[Record]) -> Loaded:
    """Return what the records mean; raises `SnapshotError` for an answer of a wrong shape."""
    recording = Recording(records)
    world = World(
        **network_listings(recording),
        **route_listings(recording),
        **control_listings(recording),
        **name_listings(recording),
        **workload_listings(recording),
        **cluster_listings(recording),
        **policy_listings(recording),
        **identity_listings(recording),
        **organization_listings(recording),
        public_ranges=public_ranges(),
    )
    return Loaded(
        world=world,
        calls=recording.counts,
        accounts=tuple(recording.accounts),
        regions=tuple(recording.regions),
    )


def load_world(records: Iterable[Record]) -> World:
    """Return the world of the records."""
    return load(records).world


def load_file(path: Path) -> Loaded:
    """Return what a snapshot file, folder or archive means."""
    return load(read_records(path))
