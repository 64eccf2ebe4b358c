"""Consistent pseudonyms: the same input is the same pseudonym everywhere, and what matches still matches.

Names are replaced word by word, so `app-logs` still matches `app-*`, and `a.corp.example` still lies below
`corp.example`. Addresses are permuted so that two that share a prefix of n bits still do.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from gatepath.model.network import Network
from gatepath.packets import PacketSet
from gatepath.snapshot.public_ranges import public_ranges

_ID = (
    r"\b(?P<kind>vpce-svc|vpce|vpc-cidr-assoc|vpcbpa-exclude|vpc-encryption-control|vpcec|vpc|subnet|rtbassoc|rtb|aclassoc"
    r"|acl|sgr|sg|eni-attach|eni|igw|eigw|cagw|lgw-rtb|lgw|nat|pcx|tgw-attach|tgw-rtb|tgw|vgw|dopt|eipalloc|eipassoc|pl"
    r"|rslvr-rrassoc|rslvr-rr|rslvr-frgassoc|rslvr-frg|rslvr-fdl|rslvr-out|rslvr-in|ami|vol|fl|i)"
    r"-(?P<id>[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-z]{3,32})\b(?!\.)"
)
_ORGANIZATION = r"\b(?P<org>ou|o|r|p)-(?P<orgid>[0-9a-z]{4,32}(?:-[0-9a-z]{8,32})?)\b(?![.-])"
_IAM_ID = r"\b(?P<iam>AROA|AIDA|AGPA|ANPA|ANVA|AIPA|ASIA|AKIA)(?P<iamid>[A-Z0-9]{8,})\b"
_UUID = r"\b(?P<uuid>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32,64})\b"
_ZONE = r"\b(?P<zone>Z[0-9A-Z]{6,32})\b"
_ACCOUNT = r"(?<![0-9a-zA-Z.])(?P<account>\d{12})(?![0-9a-zA-Z])"
_CIDR = (
    r"(?P<cidr>(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?(?![\w.])"
    r"|(?<![\w.:/])[0-9a-fA-F]{0,4}:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(?:/\d{1,3})?(?![\w.:]))"
)
_KINDS = f"{_CIDR}|{_ACCOUNT}|{_UUID}|{_ID}|{_ORGANIZATION}|{_IAM_ID}|{_ZONE}"
IDS = re.compile(_KINDS)
WORDS = re.compile(rf"(?P<variable>\$\{{[^}}]*\}})|{_KINDS}|(?P<word>[^\W_]+)")
"""Policy variables, everything that has a form of its own, and plain words."""

_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
_WORD_LENGTH = 7

NAT64 = ip_network("64:ff9b::/96")
"""Keeps its meaning: https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html"""


class Pseudonyms:
    """Pseudonyms from one secret key; the same key gives the same pseudonyms."""

    def __init__(self, key: bytes, kept: Iterable[str] = ()) -> None:
        """Take a key, and texts that keep their meaning: VPC resolvers' addresses, AWS's own prefix lists."""
        self._key = key
        self._service = _service_addresses()
        self._kept = frozenset(kept)

    def _digest(self, kind: str, text: str) -> str:
        return hmac.new(self._key, f"{kind}:{text}".encode(errors="replace"), hashlib.sha256).hexdigest()

    def word(self, text: str) -> str:
        """Return a pseudonym of one word."""
        number = int(self._digest("word", text), 16)
        made = ""
        for _ in range(_WORD_LENGTH - 1):
            number, digit = divmod(number, len(_LETTERS))
            made += _LETTERS[digit]
        return f"x{made}"

    def ids(self, text: str) -> str:
        """Return a text with every id, account and address in it replaced."""
        return IDS.sub(self._found, text)

    def name(self, text: str) -> str:
        """Return a text with every word in it replaced too; wildcards, variables and separators stay."""
        return WORDS.sub(self._found, text)

    def _found(self, found: re.Match[str]) -> str:
        whole, part = found[0], found.groupdict()
        kind = found.lastgroup or ""
        if kind == "variable" or (whole in self._kept and kind != "cidr"):
            return whole
        return self._replaced(kind, whole, part)

    def _replaced(self, kind: str, whole: str, part: Mapping[str, str]) -> str:
        makers: Mapping[str, Callable[[], str]] = {
            "cidr": lambda: self.address(whole),
            "account": lambda: self.account(whole),
            "uuid": lambda: self._shaped(whole),
            "id": lambda: f"{part['kind']}-0{self._digest(part['kind'], part['id'])[:16]}",
            "orgid": lambda: f"{part['org']}-{self._organization(part['orgid'])}",
            "iamid": lambda: part["iam"] + self._digest("iam", part["iamid"])[:16].upper(),
            "zone": lambda: "Z" + self._digest("zone", whole)[:12].upper(),
            "word": lambda: whole if whole.isdigit() and len(whole) < _WORD_LENGTH else self.word(whole),
        }
        return makers[kind]()

    def _shaped(self, text: str) -> str:
        digits = iter(self._digest("hex", text))
        return "".join(letter if letter == "-" else next(digits) for letter in text)

    def _organization(self, text: str) -> str:
        return "-".join(self._digest("organization", part)[: max(len(part), 4)] for part in text.split("-"))

    def account(self, text: str) -> str:
        """Return a pseudonym of an account id."""
        return str(int(self._digest("account", text), 16) % 10**12).zfill(12)

    def address(self, text: str) -> str:
        """Return a pseudonym of an address or CIDR block that keeps common prefixes.

        The first octet (IPv6: the first 16 bits) stays, so private stays private and public public; the
        service's own addresses and everything wider than that stay as they are.
        """
        try:
            network = ip_network(text, strict=False) if "/" in text else ip_network(text)
            address = ip_address(text.split("/", maxsplit=1)[0])
        except ValueError:
            return text
        if text in self._kept:
            return "169.254.169.253"
        fixed = 8 if address.version == 4 else 16  # noqa: PLR2004 - IP version
        if network.prefixlen <= fixed or self._is_service(network) or _special(address):
            return text
        kept = 12 if network.version == 4 and int(address) >> 20 in range(0xAC1, 0xAC2) else fixed  # noqa: PLR2004
        changed = self._permuted(address, kept)
        suffix = f"/{text.split('/')[1]}" if "/" in text else ""
        return f"{changed}{suffix}"

    def _is_service(self, network: Network) -> bool:
        packets = PacketSet.of(network.version, [network])
        return not packets.isdisjoint(self._service[network.version])

    def _permuted(self, address: IPv4Address | IPv6Address, fixed: int) -> IPv4Address | IPv6Address:
        """Flip each bit by a function of the bits before it."""
        width = address.max_prefixlen
        value = made = int(address)
        for place in range(fixed, width):
            before = value >> (width - place)
            bit = int(self._digest("bit", f"{address.version}:{place}:{before}")[0], 16) & 1
            made ^= bit << (width - 1 - place)
        return IPv4Address(made) if address.version == 4 else IPv6Address(made)  # noqa: PLR2004 - IP version


Public = Callable[[str], bool]
"""Tells whether a bucket is one that AWS publishes."""


def _special(address: IPv4Address | IPv6Address) -> bool:
    inside_nat64 = address.version == 6 and address in NAT64  # noqa: PLR2004 - IP version
    fixed = address.is_link_local or address.is_loopback or address.is_multicast or address.is_unspecified
    return inside_nat64 or fixed


def _service_addresses() -> dict[int, PacketSet]:
    ranges = public_ranges().cidrs
    return {
        version: PacketSet.of(version, [c for key in ranges if key[2] == version for c in ranges[key]])
        for version in (4, 6)
    }
