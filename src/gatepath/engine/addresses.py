"""Address blocks with a fixed meaning."""

from ipaddress import IPv6Network, ip_network

from gatepath.model.network import Network

NAT64 = IPv6Network("64:ff9b::/96")
"""Well-known prefix of NAT64: https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html"""

PRIVATE: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)
"""Addresses that no internet gateway carries as destinations (RFC 1918, 6598, 4193)."""

PUBLIC: tuple[Network, ...] = (ip_network("0.0.0.0/0"), IPv6Network("2000::/3"))

NOT_PUBLIC: tuple[Network, ...] = (
    *PRIVATE,
    *(ip_network(text) for text in ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3")),
)
