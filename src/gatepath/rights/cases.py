"""Cases of one request that have to be told apart because nobody tells which it is.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html and
https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html
"""

from collections.abc import Iterable, Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from itertools import islice

from gatepath.engine.iam.compiled import Policy, Rule
from gatepath.engine.iam.documents import Condition
from gatepath.engine.iam.lints import is_private
from gatepath.engine.iam.logic import UNKNOWN, Context
from gatepath.engine.iam.principals import STRANGER, Who
from gatepath.engine.iam.values import network as network_of
from gatepath.request import HTTP, Request
from gatepath.rights.layers import FOREIGN_ACCOUNT

FOREIGN_ORGANIZATION = "o-0000000000"
FOREIGN_PATH = (f"{FOREIGN_ORGANIZATION}/r-0000/",)
TLS_KEY = "s3:tlsversion"
TLS_VERSIONS = ("1.2", "1.3")
"""An assumption: https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html tells the key only."""
_ADDRESS, _SENDER = "aws:sourceip", "aws:vpcsourceip"
_MOST_SENDERS = 64
NOBODYS_ADDRESS = "192.0.0.8"
"""Stands for an address of AWS that no customer owns (RFC 7600: a dummy that no host has)."""
_NARROWEST = {4: 24, 6: 48}
"""Prefix lengths of the smallest public ranges that are routed: a shorter one may hold addresses of AWS."""


def made_by_service(request: Request) -> bool:
    """Tell whether an AWS service makes the request, for itself or on the caller's behalf.

    It then takes a way of the service's own, not that of the source, and carries none of its network keys.
    """
    question = request.question
    if question.principal is not None and question.principal.service is not None:
        return True
    given = {key.lower(): value for key, value in question.context.items()}
    return str(given.get("aws:viaawsservice")).lower() == "true" or bool(given.get("aws:calledvia"))


def stranger_cases(caller: Who, context: Context, absent: frozenset[str]) -> Iterator[Context]:
    """Yield the two cases of a stranger: in an organization of its own, and in none."""
    if caller is not STRANGER:
        yield context
        return
    foreign = f"arn:aws:iam::{FOREIGN_ACCOUNT}:role/stranger"
    own = dict(context)
    for key, value in (("aws:principalaccount", FOREIGN_ACCOUNT), ("aws:principalarn", foreign)):
        if own.get(key, UNKNOWN) is UNKNOWN:
            own[key] = value
    for key in absent:
        own.pop(key, None)
    yield dict(own)
    if "aws:principalorgid" not in own and "aws:principalorgid" not in absent:
        member = {**own, "aws:principalorgid": FOREIGN_ORGANIZATION}
        if "aws:principalorgpaths" not in absent:
            member.setdefault("aws:principalorgpaths", FOREIGN_PATH)
        if own.get("aws:resourceaccount") == FOREIGN_ACCOUNT and "aws:resourceorgid" not in absent:
            member.setdefault("aws:resourceorgid", FOREIGN_ORGANIZATION)
        yield member


def tls_cases(request: Request, cases: Iterable[Context], read: set[str]) -> Iterator[Context]:
    """Yield both versions of TLS that today's clients speak, where a policy asks for it."""
    for case in cases:
        if TLS_KEY not in read or TLS_KEY in case or request.port == HTTP:
            yield case
        else:
            yield from ({**case, TLS_KEY: version} for version in TLS_VERSIONS)


def address_cases(
    cases: Iterable[Context], absent: frozenset[str], policies: Sequence[Policy]
) -> Iterator[Context]:
    """Yield what a service's request may carry as `aws:SourceIp`: nothing, or an address of the service.

    That one is in no range of a customer's own; a range large enough to hold addresses of AWS leaves it open.
    """
    ranges = list(address_ranges(policies))
    read = any(True for _ in _on(_ADDRESS, policies))
    for case in cases:
        if not read or _ADDRESS in absent or _ADDRESS in case:
            yield case
        elif any(_may_be_amazons(text) for text in ranges):
            yield {**case, _ADDRESS: UNKNOWN}
        else:
            yield case
            yield {**case, _ADDRESS: NOBODYS_ADDRESS}


def sender_cases(
    cases: Iterable[Context], senders: Sequence[IPv4Network | IPv6Network], policies: Sequence[Policy]
) -> Iterator[Context]:
    """Yield an address that may send for each way in which conditions on `aws:VpcSourceIp` can come out."""
    found = list(islice(_representatives(senders, policies), _MOST_SENDERS + 1))
    for case in cases:
        if case.get(_SENDER) is not UNKNOWN or not 0 < len(found) <= _MOST_SENDERS:
            yield case
        else:
            yield from ({**case, _SENDER: address} for address in found)


def _representatives(
    senders: Sequence[IPv4Network | IPv6Network], policies: Sequence[Policy]
) -> Iterator[str]:
    """Yield the first address of each piece that the ranges of the conditions cut the senders into."""
    if any(_SENDER in _read_as_text(rule) for policy in policies for rule in policy.rules):
        return
    edges: set[tuple[int, int]] = {(network.version, int(network.network_address)) for network in senders}
    for condition in _on(_SENDER, policies):
        for text in condition.values:
            block = network_of(text)
            if condition.operator in {"IpAddress", "NotIpAddress"} and block is not None:
                edges |= {(block[0], block[1]), (block[0], block[2] + 1)}
            elif condition.operator != "Null":
                return  # compared as a text: each address may come out otherwise
    for version, number in sorted(edges):
        for network in senders:
            first, last = int(network.network_address), int(network.broadcast_address)
            if network.version == version and first <= number <= last:
                yield str(IPv4Address(number) if version == 4 else IPv6Address(number))  # noqa: PLR2004 - IP version
                break


def _read_as_text(rule: Rule) -> Iterator[str]:
    """Yield the keys that variables of a statement put in."""
    yield from rule.resource_keys
    for condition in rule.compiled:
        yield from condition.keys[1:]


def address_ranges(policies: Sequence[Policy]) -> Iterator[str]:
    """Yield the ranges that conditions on `aws:SourceIp` compare with."""
    for condition in _on(_ADDRESS, policies):
        if condition.operator in {"IpAddress", "NotIpAddress"}:
            yield from condition.values


def _on(key: str, policies: Sequence[Policy]) -> Iterator[Condition]:
    for policy in policies:
        for rule in policy.rules:
            yield from (c.source for c in rule.compiled if c.source.key.lower() == key)


def _may_be_amazons(text: str) -> bool:
    try:
        block = ip_network(text, strict=False)
    except ValueError:
        return True
    return not is_private(text) and block.prefixlen < _NARROWEST[block.version]


def differing_keys(cases: Sequence[Context], policies: Sequence[Policy]) -> Iterator[str]:
    """Yield the keys that cases differ in, as the policies spell them."""
    spelled = {c.source.key.lower(): c.source.key for p in policies for r in p.rules for c in r.compiled}
    for key, name in spelled.items():
        if len({repr(case.get(key)) for case in cases}) > 1:
            yield name
