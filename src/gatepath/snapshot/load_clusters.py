"""EKS add-ons: AWS shapes to model."""

import re
from collections.abc import Iterator
from functools import partial
from ipaddress import ip_network
from typing import Any

from gatepath.model.cluster import PodNetwork
from gatepath.model.network import Network
from gatepath.snapshot import wire as w
from gatepath.snapshot.listing import Row, listing
from gatepath.snapshot.pages import Recording
from gatepath.snapshot.rows import Spot

ADDON = "eks.DescribeAddon"
CNI = "vpc-cni"


def cluster_listings(recording: Recording) -> dict[str, Any]:
    """Return the listings of this area by their name in `World`."""
    return {"pod_networks": listing(recording, _addons(recording), ADDON, coverage=())}


def _addons(recording: Recording) -> Iterator[Row]:
    for answered, page in recording.pages(ADDON):
        if not isinstance(page.answer, w.AddonAnswer) or page.answer.addon.addonName != CNI:
            continue
        addon = page.answer.addon
        make = partial(_pod_network, addon, answered.region, Spot(page.call, page.place, "/addon"))
        key = f"{answered.region}/{addon.clusterName}"
        yield Row(key, "", answered.account, answered.account, make)


def _pod_network(addon: w.Addon, region: str, spot: Spot) -> PodNetwork:
    values = addon.configurationValues or ""
    return PodNetwork(
        cluster=addon.clusterName,
        region=region,
        external_snat=_setting(values, "AWS_VPC_K8S_CNI_EXTERNALSNAT") == "true",
        standard_groups=_setting(values, "POD_SECURITY_GROUP_ENFORCING_MODE") == "standard",
        own_ports=_setting(values, "AWS_VPC_K8S_CNI_RANDOMIZESNAT") == "none",
        untranslated=_networks(_setting(values, "AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS")),
        ref=spot.at("configurationValues").ref if addon.configurationValues else spot.ref,
    )


def _setting(values: str, name: str) -> str:
    """Return an environment variable in the add-on's configuration, which is JSON or YAML text."""
    found = re.search(rf"""{name}["']?\s*:\s*(?:"([^"]*)"|'([^']*)'|([^\s,}}]*))""", values)
    text = next((part for part in found.groups() if part is not None), "") if found else ""
    return text.strip().lower()


def _networks(text: str) -> tuple[Network, ...]:
    made: list[Network] = []
    for part in filter(None, (item.strip() for item in text.split(","))):
        try:
            made.append(ip_network(part, strict=False))
        except ValueError:
            continue  # the CNI refuses such a value, so it excludes nothing
    return tuple(made)
