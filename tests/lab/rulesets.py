"""The nftables rules that all VPCs of a lab share: order of the stations, services, NAT."""

from collections.abc import Mapping

from tests.lab.kernel import LISTENING

MAPS = ("sg", "out", "in", "sgin", "natin", "natret", "pub")
WITH_INTERVALS = ("out", "in", "natin", "natret")
GONE = ", ".join(f'"{name}"' for name in (*LISTENING, "nat0"))

SKELETON_PRE = """
  iifname "eni0" ct direction original ip saddr vmap @sg4
  iifname "eni0" ct direction original ip6 saddr vmap @sg6
  TRAIL iifname "eni0" ct direction original ct state new log group 2 prefix "sg-out" snaplen 64
  iifname {"eni0","loc0"} ip saddr vmap @out4
  iifname {"eni0","loc0"} ip6 saddr vmap @out6
  TRAIL iifname "eni0" ct direction original ct state new log group 2 prefix "acl-out" snaplen 64
  TRAIL iifname "loc0" ct direction reply log group 2 prefix "target-acl-back" snaplen 64
  iifname "nat0" ip saddr 10.0.0.0/8 ip saddr vmap @out4
  TRAIL iifname "nat0" ip saddr 10.0.0.0/8 ct state new log group 2 prefix "nat-acl-out" snaplen 64
  iifname "nat0" ip saddr != 10.0.0.0/8 ip daddr vmap @natret4
  TRAIL iifname "nat0" ip saddr != 10.0.0.0/8 log group 2 prefix "nat-acl-return" snaplen 64
"""
SKELETON_FORWARD = f"""
  oifname "bh" goto bh
  TRAIL iifname "eni0" ct direction original ct state new jump route
  TRAIL iifname "eni0" ct direction original ct state new log group 2 prefix "route" snaplen 64
  TRAIL iifname "nat0" ip saddr 10.0.0.0/8 ct state new jump route
  TRAIL iifname "nat0" ip saddr 10.0.0.0/8 ct state new log group 2 prefix "nat-route" snaplen 64
  iifname {{"eni0","nat0"}} oifname "igw" ip saddr vmap @pub4
  oifname "nat0" ip saddr 10.0.0.0/8 ip saddr vmap @natin4
  TRAIL oifname "nat0" ip saddr 10.0.0.0/8 log group 2 prefix "nat-acl-in" snaplen 64
  oifname "nat0" ip saddr != 10.0.0.0/8 ip daddr vmap @in4
  TRAIL oifname "nat0" ip saddr != 10.0.0.0/8 log group 2 prefix "nat-acl-back" snaplen 64
  oifname {{"eni0","loc0"}} ip daddr vmap @in4
  oifname {{"eni0","loc0"}} ip6 daddr vmap @in6
  TRAIL oifname "loc0" ct direction original ct state new log group 2 prefix "target-acl-in" snaplen 64
  TRAIL oifname "eni0" ct direction reply log group 2 prefix "acl-in" snaplen 64
  oifname "loc0" ct direction original ip daddr vmap @sgin4
  TRAIL oifname "loc0" ct direction original ct state new log group 2 prefix "sg-in" snaplen 64
  oifname "eni0" ct state established,related accept
  oifname {{{GONE}}} accept
"""


def skeleton(*, trail: bool) -> str:
    """Return the rules that all VPCs share."""
    maps = []
    for name in MAPS:
        interval = " flags interval;" if name in WITH_INTERVALS else ""
        maps.append(f"map {name}4 {{ type ipv4_addr : verdict;{interval} }}")
        maps.append(f"map {name}6 {{ type ipv6_addr : verdict;{interval} }}")
    lines = [
        "table inet vpc {",
        "chain dead { log group 1 snaplen 64 drop\n}",
        *maps,
        "map nh4 { type ipv4_addr : mark; }",
        "map nh6 { type ipv6_addr : mark; }",
        "chain route {\nmeta mark set rt ip nexthop map @nh4\nmeta mark set rt ip6 nexthop map @nh6\n}",
        "chain bh {\nmeta mark set rt ip nexthop map @nh4 goto dead",
        "meta mark set rt ip6 nexthop map @nh6 goto dead\nmeta mark set 0 goto dead\n}",
        "chain pre { type filter hook prerouting priority mangle; policy accept;",
        _lines(SKELETON_PRE, trail=trail),
        "}",
        "chain forw { type filter hook forward priority filter; policy drop;",
        _lines(SKELETON_FORWARD, trail=trail),
        "}",
        "}",
    ]
    return "\n".join(lines) + "\n"


def _lines(text: str, *, trail: bool) -> str:
    kept = (line for line in text.splitlines() if trail or "TRAIL" not in line)
    return "\n".join(line.replace("TRAIL ", "") for line in kept)


def services(elastic: Mapping[str, str]) -> str:
    """Return the rules of the services' namespace: any port is listened on, the internet gateway's addresses."""
    elements = ", ".join(f"{a} : {b}" for a, b in elastic.items())
    eip = f"map eip {{ type ipv4_addr : ipv4_addr; elements = {{ {elements} }} }}" if elements else ""
    snat = 'iifname "igw" snat ip to ip saddr map @eip' if elements else ""
    return f"""table inet service {{
{eip}
chain pre {{ type nat hook prerouting priority dstnat; policy accept;
meta l4proto {{ tcp, udp }} redirect to :7000
}}
chain inp {{ type nat hook input priority 100; policy accept;
{snat}
}}
}}
"""


def translation(nats: Mapping[str, str]) -> str:
    """Return the rules of the NAT gateways' namespace."""
    if not nats:
        return ""
    elements = ", ".join(f"{a} : {b}" for a, b in nats.items())
    return f"""table ip nat {{
map m {{ type ipv4_addr : ipv4_addr; flags interval; elements = {{ {elements} }} }}
chain post {{ type nat hook postrouting priority srcnat; policy accept;
ip saddr 10.0.0.0/8 snat to ip saddr map @m
}}
}}
"""
