"""What has been settled about a random VPC in the making: names, addresses, and blocks near the service's."""

import random
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

S3, S3_SIX, DYNAMODB, OWN_LIST = "pl-7ca54015", "pl-0c0ffee6", "pl-b3a742da", "pl-0abcdef12"
S3_CIDRS = (
    "3.5.244.0/22",
    "52.95.142.0/23",
    "52.95.144.0/24",
    "52.95.148.0/23",
    "52.95.150.0/24",
    "16.12.16.0/23",
)
S3_CIDRS6 = ("2a05:d07a:c000::/40", "2a05:d050:c000::/40", "2600:f0f0:6108::/48")
DYNAMODB_CIDRS = ("35.71.111.0/24", "52.94.15.0/24", "52.94.16.128/26")
PORTS = (
    (443, 443),
    (0, 65535),
    (1024, 65535),
    (32768, 60999),
    (32768, 65535),
    (80, 443),
    (443, 8443),
    (1, 442),
    (49152, 65535),
)
EPHEMERAL = ((32768, 60999), (1024, 65535), (49152, 65535), (40000, 40015))
Ports = tuple[int, int]


@dataclass(slots=True, kw_only=True)
class Plan:
    """What has been settled so far about a VPC in the making."""

    rng: random.Random
    index: int
    family: int
    """4, 6, or 46: the client's question; 6 and 46 have both kinds of subnets."""
    service: str = "s3"
    cidrs: list[str] = field(default_factory=list)
    cidrs6: list[str] = field(default_factory=list)
    proxy: bool = False
    target: bool = False
    endpoint: str = "available"
    """State of the gateway endpoint; empty: there is none."""
    kernel: bool = True

    def name(self, prefix: str, number: int) -> str:
        """Return an id of this VPC."""
        return f"{prefix}-0{self.index:08x}{number:02x}"

    def block(self, number: int | None = None) -> str:
        """Return the VPC's CIDR, or that of one of its subnets."""
        base = f"10.{self.index >> 4}"
        low = (self.index & 15) * 16
        return f"{base}.{low}.0/20" if number is None else f"{base}.{low + number}.0/24"

    def block6(self, number: int | None = None) -> str:
        """Return likewise for IPv6; empty where the VPC has none."""
        if self.family == 4:
            return ""
        base = f"2001:db8:{self.index + 1:x}"
        return f"{base}::/56" if number is None else f"{base}:{number + 1:x}::/64"

    def address(self, number: int, host: int) -> str:
        """Return a host of a subnet."""
        return str(ip_network(self.block(number))[host])

    def address6(self, number: int, host: int) -> str:
        """Return likewise for IPv6."""
        return str(ip_network(self.block6(number))[host]) if self.family != 4 else ""

    def public(self, pool: int) -> str:
        """Return a public address of the lab's own: pool 18 of interfaces, 19 of NAT gateways."""
        return str(ip_address(f"198.{pool}.0.0") + self.index + 1)

    def listed(self) -> str:
        """Return the service's IPv4 prefix list."""
        return S3 if self.service == "s3" else DYNAMODB

    def chance(self, probability: float) -> bool:
        """Return true so often."""
        return self.rng.random() < probability

    def inside(self, cidr: str, bits: int) -> str:
        """Return a random block within another, so many bits longer."""
        network = ip_network(cidr)
        length = min(network.prefixlen + bits, network.max_prefixlen)
        at = self.rng.randrange(2 ** (length - network.prefixlen)) << (network.max_prefixlen - length)
        return f"{network[0] + at}/{length}"

    def somewhere(self, *, six: bool) -> str:
        """Return a block that is, lies in, covers or misses the service's."""
        cidr = self.rng.choice(self.cidrs6 if six else self.cidrs)
        shape = self.rng.random()
        if shape < 0.28:
            return cidr
        if shape < 0.62:
            return self.inside(cidr, self.rng.choice((1, 1, 2, 3)))
        if shape < 0.72:
            network = ip_network(cidr)
            return str(network.supernet(self.rng.choice((1, 4, 6))))
        if shape < 0.9:
            return "::/0" if six else "0.0.0.0/0"
        if six:
            return self.rng.choice((self.block6(), self.block6(0), "2600:9000::/28"))
        return self.rng.choice((self.block(), self.block(0), self.block(2), "198.51.100.0/24"))
