"""Subnets, interfaces, security groups, network ACLs, prefix lists: AWS shapes to model."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from gatepath.model import network as net
from gatepath.model.ref import Gap, GapReason, Ref, Unknown, unknown
from gatepath.model.store import Coverage
from gatepath.snapshot import wire as w
from gatepath.snapshot.listing import Row, listing
from gatepath.snapshot.pages import Answered, Recording
from gatepath.snapshot.rows import Spot


def network_listings(recording: Recording) -> dict[str, Any]:
    """Return the listings of this area by their name in `World`."""
    return {
        "instances": listing(recording, _instances(recording), "ec2.DescribeInstances"),
        "network_interfaces": listing(recording, _interfaces(recording), "ec2.DescribeNetworkInterfaces"),
        "subnets": listing(recording, _subnets(recording), "ec2.DescribeSubnets", shared_view=True),
        "vpcs": listing(recording, _vpcs(recording), "ec2.DescribeVpcs", shared_view=True),
        "security_groups": listing(recording, _groups(recording), "ec2.DescribeSecurityGroups"),
        "network_acls": listing(recording, _acls(recording), "ec2.DescribeNetworkAcls", shared_view=True),
        "prefix_lists": listing(
            recording,
            _prefix_lists(recording),
            "ec2.DescribeManagedPrefixLists",
            coverage=_prefix_list_coverage(recording),
            more_gaps=recording.gaps("ec2.DescribePrefixLists"),
            shared_view=True,
        ),
    }


def spots(recording: Recording, name: str, key: str) -> Iterator[tuple[Answered, Any, Spot]]:
    """Yield every row of a list operation with its place."""
    for answered, page in recording.pages(name):
        for number, row in enumerate(getattr(page.answer, key)):
            yield answered, row, Spot(page.call, page.place, f"/{key}/{number}")


def _instances(recording: Recording) -> Iterator[Row]:
    for answered, reservation, spot in spots(recording, "ec2.DescribeInstances", "Reservations"):
        for number, row in enumerate(reservation.Instances):
            at = spot.at("Instances", number)
            owner = reservation.OwnerId or answered.account
            make = partial(_instance, row, owner, answered.region, at)
            yield Row(row.InstanceId, row.VpcId or "", answered.account, owner, make)


def _instance(row: w.Instance, owner: str, region: str, spot: Spot) -> net.Instance:
    interfaces = sorted(row.NetworkInterfaces, key=_device_index)
    return net.Instance(
        id=row.InstanceId,
        region=region,
        owner=owner,
        state=row.State.Name,
        platform=row.Platform.lower(),
        vpc_id=row.VpcId,
        subnet_id=row.SubnetId,
        interface_ids=tuple(i.NetworkInterfaceId for i in interfaces),
        instance_profile_arn=row.IamInstanceProfile.Arn if row.IamInstanceProfile else None,
        tags=tuple((tag.Key, tag.Value) for tag in row.Tags),
        ref=spot.ref,
    )


def _device_index(row: w.Interface) -> int:
    index = row.Attachment.DeviceIndex if row.Attachment else None
    return 0 if index is None else index


def _interfaces(recording: Recording) -> Iterator[Row]:
    for answered, row, spot in spots(recording, "ec2.DescribeNetworkInterfaces", "NetworkInterfaces"):
        yield _interface_row(answered, row, spot, None)
    listed = {
        row.NetworkInterfaceId
        for _, row, _ in spots(recording, "ec2.DescribeNetworkInterfaces", "NetworkInterfaces")
    }
    for answered, reservation, spot in spots(recording, "ec2.DescribeInstances", "Reservations"):
        for number, instance in enumerate(reservation.Instances):
            for index, row in enumerate(instance.NetworkInterfaces):
                if row.NetworkInterfaceId not in listed:
                    at = spot.at("Instances", number, "NetworkInterfaces", index)
                    yield _interface_row(answered, row, at, instance.InstanceId)


def _interface_row(answered: Answered, row: w.Interface, spot: Spot, instance_id: str | None) -> Row:
    owner = row.OwnerId or answered.account
    make = partial(_interface, row, owner, answered.region, spot, instance_id)
    return Row(row.NetworkInterfaceId, row.VpcId, answered.account, owner, make)


def _interface(
    row: w.Interface, owner: str, region: str, spot: Spot, instance_id: str | None
) -> net.NetworkInterface:
    numbered = sorted(enumerate(row.PrivateIpAddresses), key=lambda pair: not pair[1].Primary)
    listed = [(spot.at("PrivateIpAddresses", n, "PrivateIpAddress"), address) for n, address in numbered]
    private = [place.address(address.PrivateIpAddress) for place, address in listed]
    if not private and row.PrivateIpAddress:
        private = [spot.at("PrivateIpAddress").address(row.PrivateIpAddress)]
    public = [
        (address.PrivateIpAddress, address.Association.PublicIp)
        for _, address in listed
        if address.Association and address.Association.PublicIp
    ]
    if not public and row.Association and row.Association.PublicIp and row.PrivateIpAddress:
        public = [(row.PrivateIpAddress, row.Association.PublicIp)]
    attached = row.Attachment.InstanceId if row.Attachment else None
    return net.NetworkInterface(
        id=row.NetworkInterfaceId,
        region=region,
        vpc_id=row.VpcId,
        subnet_id=row.SubnetId,
        owner=owner,
        addresses=(
            *private,
            *(
                spot.at("Ipv6Addresses", n, "Ipv6Address").address(a.Ipv6Address)
                for n, a in enumerate(row.Ipv6Addresses)
            ),
        ),
        prefixes=(
            *(
                spot.at("Ipv4Prefixes", n, "Ipv4Prefix").network(p.Ipv4Prefix)
                for n, p in enumerate(row.Ipv4Prefixes)
            ),
            *(
                spot.at("Ipv6Prefixes", n, "Ipv6Prefix").network(p.Ipv6Prefix)
                for n, p in enumerate(row.Ipv6Prefixes)
            ),
        ),
        public_addresses=tuple((spot.address(a), spot.address(b)) for a, b in public),  # type: ignore[misc]
        group_ids=tuple(group.GroupId for group in row.Groups),
        interface_type=row.InterfaceType,
        description=row.Description,
        requester_managed=row.RequesterManaged,
        source_dest_check=row.SourceDestCheck,
        status=row.Status,
        instance_id=attached or instance_id,
        device_index=row.Attachment.DeviceIndex if row.Attachment else None,
        ref=spot.ref,
    )


def _subnets(recording: Recording) -> Iterator[Row]:
    for answered, row, spot in spots(recording, "ec2.DescribeSubnets", "Subnets"):
        owner = row.OwnerId or answered.account
        make = partial(_subnet, row, owner, answered.region, spot)
        yield Row(row.SubnetId, row.VpcId, answered.account, owner, make)


def _subnet(row: w.Subnet, owner: str, region: str, spot: Spot) -> net.Subnet:
    cidrs = [spot.at("CidrBlock").network(row.CidrBlock)] if row.CidrBlock else []
    cidrs += _ipv6_blocks(row.Ipv6CidrBlockAssociationSet, spot)
    return net.Subnet(
        id=row.SubnetId,
        region=region,
        vpc_id=row.VpcId,
        owner=owner,
        cidrs=tuple(cidrs),
        availability_zone=row.AvailabilityZone,
        map_public_ip_on_launch=row.MapPublicIpOnLaunch,
        ipv6_native=row.Ipv6Native,
        enable_dns64=row.EnableDns64,
        ref=spot.ref,
    )


def _ipv6_blocks(blocks: tuple[w.Ipv6Block, ...], spot: Spot) -> list[net.Network]:
    return [
        spot.at("Ipv6CidrBlockAssociationSet", n, "Ipv6CidrBlock").network(block.Ipv6CidrBlock)
        for n, block in enumerate(blocks)
        if _associated(block.Ipv6CidrBlockState)
    ]


def _associated(state: w.CidrState) -> bool:
    return state.State in {"associated", "associating"}


def _vpcs(recording: Recording) -> Iterator[Row]:
    attributes = _attributes(recording)
    for answered, row, spot in spots(recording, "ec2.DescribeVpcs", "Vpcs"):
        owner = row.OwnerId or answered.account
        make = partial(_vpc, row, owner, answered.region, spot, attributes)
        yield Row(row.VpcId, row.VpcId, answered.account, owner, make)


Attributes = dict[tuple[str, str], tuple[bool, Ref] | Unknown]


def _attributes(recording: Recording) -> Attributes:
    """Return the recorded VPC attributes by (VPC, attribute)."""
    name = "ec2.DescribeVpcAttribute"
    found: Attributes = {}
    for answered in recording.of(name):
        key = str(answered.request.get("VpcId", "")), str(answered.request.get("Attribute", ""))
        gap = answered.gap()
        if gap is not None:
            found.setdefault(key, Unknown((gap,)))
        for page in answered.pages.values():
            answer = page.answer
            if not isinstance(answer, w.VpcAttribute):
                continue
            for flag, attribute in (
                (answer.EnableDnsSupport, "enableDnsSupport"),
                (answer.EnableDnsHostnames, "enableDnsHostnames"),
            ):
                if flag is not None:
                    pointer = f"/E{attribute[1:]}/Value"
                    found[key[0], attribute] = flag.Value, Ref(page.call, pointer)
    return found


def _vpc(row: w.Vpc, owner: str, region: str, spot: Spot, attributes: Attributes) -> net.Vpc:
    blocks = [
        (spot.at("CidrBlockAssociationSet", n, "CidrBlock"), b.CidrBlock)
        for n, b in enumerate(row.CidrBlockAssociationSet)
        if _associated(b.CidrBlockState)
    ]
    if row.CidrBlock and row.CidrBlock not in {block for _, block in blocks}:
        blocks.insert(0, (spot.at("CidrBlock"), row.CidrBlock))
    support = _attribute(attributes, row.VpcId, "enableDnsSupport", owner, region)
    hostnames = _attribute(attributes, row.VpcId, "enableDnsHostnames", owner, region)
    options = row.DhcpOptionsId
    return net.Vpc(
        id=row.VpcId,
        region=region,
        owner=owner,
        cidrs=(
            *(place.network(block) for place, block in blocks),
            *_ipv6_blocks(row.Ipv6CidrBlockAssociationSet, spot),
        ),
        dhcp_options_id=None if options in {"default", ""} else options,
        enable_dns_support=support if isinstance(support, Unknown) else support[0],
        enable_dns_hostnames=hostnames if isinstance(hostnames, Unknown) else hostnames[0],
        ref=spot.ref,
        dns_ref=None if isinstance(support, Unknown) else support[1],
    )


def _attribute(
    attributes: Attributes, vpc_id: str, attribute: str, owner: str, region: str
) -> tuple[bool, Ref] | Unknown:
    found = attributes.get((vpc_id, attribute))
    if found is not None:
        return found
    return Unknown(
        (
            Gap(
                service="ec2",
                operation="DescribeVpcAttribute",
                account=owner,
                region=region,
                request=(("Attribute", attribute), ("VpcId", vpc_id)),
            ),
        )
    )


def _groups(recording: Recording) -> Iterator[Row]:
    for answered, row, spot in spots(recording, "ec2.DescribeSecurityGroups", "SecurityGroups"):
        owner = row.OwnerId or answered.account
        make = partial(_group, row, owner, answered.region, spot)
        yield Row(row.GroupId, row.VpcId, answered.account, owner, make)


def _group(row: w.SecurityGroup, owner: str, region: str, spot: Spot) -> net.SecurityGroup:
    return net.SecurityGroup(
        id=row.GroupId,
        region=region,
        name=row.GroupName,
        vpc_id=row.VpcId,
        owner=owner,
        egress=tuple(_rules(row.IpPermissionsEgress, spot.at("IpPermissionsEgress"))),
        ingress=tuple(_rules(row.IpPermissions, spot.at("IpPermissions"))),
        ref=spot.ref,
    )


def _rules(permissions: tuple[w.Permission, ...], spot: Spot) -> Iterator[net.SecurityGroupRule]:
    for number, row in enumerate(permissions):
        at = spot.at(number)
        peers: list[tuple[str, int, net.Network | net.PrefixListTarget | net.GroupTarget]] = [
            *(
                ("IpRanges", n, at.at("IpRanges", n, "CidrIp").network(r.CidrIp))
                for n, r in enumerate(row.IpRanges)
            ),
            *(
                ("Ipv6Ranges", n, at.at("Ipv6Ranges", n, "CidrIpv6").network(r.CidrIpv6))
                for n, r in enumerate(row.Ipv6Ranges)
            ),
            *(
                ("PrefixListIds", n, net.PrefixListTarget(p.PrefixListId))
                for n, p in enumerate(row.PrefixListIds)
            ),
            *(
                ("UserIdGroupPairs", n, net.GroupTarget(g.GroupId))
                for n, g in enumerate(row.UserIdGroupPairs)
            ),
        ]
        for key, index, peer in peers:
            yield net.SecurityGroupRule(
                protocol=_PROTOCOLS.get(row.IpProtocol.lower(), row.IpProtocol.lower()),
                ports=_group_ports(row),
                peer=peer,
                ref=at.at(key, index).ref,
            )


_PROTOCOLS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}


def _group_ports(row: w.Permission) -> tuple[int, int] | None:
    """Return tcp's and udp's ports; every other protocol (or -1) is all ports."""
    if row.IpProtocol.lower() not in {"tcp", "udp", "6", "17"}:
        return None
    if row.FromPort is None or row.ToPort is None or row.FromPort < 0:
        return None
    return row.FromPort, row.ToPort


def _acls(recording: Recording) -> Iterator[Row]:
    for answered, row, spot in spots(recording, "ec2.DescribeNetworkAcls", "NetworkAcls"):
        owner = row.OwnerId or answered.account
        make = partial(_acl, row, owner, answered.region, spot)
        yield Row(row.NetworkAclId, row.VpcId, answered.account, owner, make)


def _acl(row: w.Acl, owner: str, region: str, spot: Spot) -> net.NetworkAcl:
    entries = [_entry(e, spot.at("Entries", n)) for n, e in enumerate(row.Entries)]
    return net.NetworkAcl(
        id=row.NetworkAclId,
        region=region,
        vpc_id=row.VpcId,
        owner=owner,
        is_default=row.IsDefault,
        entries=tuple(sorted(entries, key=lambda entry: entry.rule_number)),
        subnet_ids=tuple(a.SubnetId for a in row.Associations if a.SubnetId),
        ref=spot.ref,
    )


def _entry(row: w.AclEntry, spot: Spot) -> net.NetworkAclEntry:
    cidr = row.CidrBlock or row.Ipv6CidrBlock
    if cidr is None:
        raise spot.error("snapshot.detail.no-block")
    ports = None
    if row.Protocol in {"6", "17"} and row.PortRange and row.PortRange.From is not None:
        ports = row.PortRange.From, row.PortRange.To if row.PortRange.To is not None else row.PortRange.From
    return net.NetworkAclEntry(
        rule_number=row.RuleNumber,
        egress=row.Egress,
        allow=row.RuleAction == "allow",
        protocol=row.Protocol,
        ports=ports,
        cidr=spot.at("CidrBlock" if row.CidrBlock else "Ipv6CidrBlock").network(cidr),
        ref=spot.ref,
    )


Entries = dict[tuple[str, str], tuple[list[tuple[Spot, str]], Ref] | Unknown]


def _prefix_list_coverage(recording: Recording) -> tuple[Coverage, ...]:
    """Return what the two calls prove: `DescribePrefixLists` knows AWS-managed lists only.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribePrefixLists.html
    """
    own = recording.coverage("ec2.DescribePrefixLists")
    return (
        *recording.coverage("ec2.DescribeManagedPrefixLists"),
        *(replace(cover, aws_managed_only=True) for cover in own),
    )


def _prefix_lists(recording: Recording) -> Iterator[Row]:
    entries = _entries(recording)
    plain: dict[tuple[str, str], tuple[w.PrefixList, Spot]] = {}
    accounts: dict[tuple[str, str], str] = {}
    for answered, row, spot in spots(recording, "ec2.DescribePrefixLists", "PrefixLists"):
        plain[answered.region, row.PrefixListId] = row, spot
        accounts[answered.region, row.PrefixListId] = answered.account
    managed: dict[tuple[str, str], tuple[w.ManagedList, Spot]] = {}
    for answered, row, spot in spots(recording, "ec2.DescribeManagedPrefixLists", "PrefixLists"):
        managed[answered.region, row.PrefixListId] = row, spot
        accounts[answered.region, row.PrefixListId] = answered.account
    gaps = recording.gaps("ec2.DescribePrefixLists")
    for key, read in entries.items():
        if key not in plain and key not in managed and not isinstance(read, Unknown):
            spot = Spot(read[1].call, "", read[1].pointer)
            plain[key] = w.PrefixList(PrefixListId=key[1]), spot
            accounts[key] = read[1].call.account
    for key in {**plain, **managed}:
        make = partial(_prefix_list, key, plain.get(key), managed.get(key), entries.get(key), gaps)
        yield Row("/".join(key), "", accounts[key], accounts[key], make)


def _entries(recording: Recording) -> Entries:
    found: Entries = {}
    for answered in recording.of("ec2.GetManagedPrefixListEntries"):
        key = answered.region, str(answered.request.get("PrefixListId", ""))
        gap = answered.gap()
        if gap is not None:
            found[key] = Unknown((gap,))
            continue
        cidrs: list[tuple[Spot, str]] = []
        ref = None
        for page in answered.pages.values():
            if isinstance(page.answer, w.ListEntries):
                for number, entry in enumerate(page.answer.Entries):
                    spot = Spot(page.call, page.place, f"/Entries/{number}/Cidr")
                    cidrs.append((spot, entry.Cidr))
                ref = ref or Ref(page.call, "/Entries")
        if ref is not None:
            found[key] = cidrs, ref
    return found


def _prefix_list(
    key: tuple[str, str],
    plain: tuple[w.PrefixList, Spot] | None,
    managed: tuple[w.ManagedList, Spot] | None,
    entries: tuple[list[tuple[Spot, str]], Ref] | Unknown | None,
    gaps: tuple[Gap, ...],
) -> net.PrefixList:
    """Return a list from either of the calls that describe it; either's entries will do."""
    region, list_id = key
    row, spot = plain if plain is not None else managed if managed is not None else (None, None)
    if row is None or spot is None:  # pragma: no cover - a key comes from one of the two
        raise KeyError(list_id)
    cidrs: tuple[net.Network, ...] | Unknown
    ref = spot.ref
    if plain is not None and plain[0].Cidrs is not None:
        cidrs = tuple(plain[1].at("Cidrs", n).network(c) for n, c in enumerate(plain[0].Cidrs))
    elif entries is not None and not isinstance(entries, Unknown):
        cidrs = tuple(place.network(c) for place, c in entries[0])
        ref = entries[1]
    else:
        missing = unknown(
            "ec2",
            "GetManagedPrefixListEntries",
            GapReason.NOT_RECORDED,
            region=region,
            request=(("PrefixListId", list_id),),
        )
        cidrs = entries if isinstance(entries, Unknown) else missing
        others = gaps or unknown("ec2", "DescribePrefixLists", region=region).gaps
        cidrs = cidrs | Unknown(tuple(g for g in others if g.region == region))
    family = managed[0].AddressFamily if managed is not None else ""
    known = [] if isinstance(cidrs, Unknown) else [c.version for c in cidrs]
    version = 6 if family == "IPv6" or (not family and known and known[0] == 6) else 4  # noqa: PLR2004 - IP version
    name = row.PrefixListName
    owner = managed[0].OwnerId if managed is not None else "AWS" if "com.amazonaws." in name else None
    return net.PrefixList(
        id=list_id, region=region, name=name, owner=owner, version=version, cidrs=cidrs, ref=ref
    )
