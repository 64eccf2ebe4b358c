"""Where an EKS pod sits: behind its node's primary interface, or on an interface of its own."""

from dataclasses import replace

from gatepath.model.cluster import PodNetwork
from gatepath.model.network import Instance, NetworkInterface
from gatepath.model.ref import Unknown
from gatepath.placing import (
    Placement,
    Search,
    Seat,
    info,
    instance,
    interface_of,
    not_told,
    one,
    placed_by_name,
)
from gatepath.trace import Assumption, Component

CLUSTER_TAGS = ("eks:cluster-name", "aws:eks:cluster-name", "alpha.eksctl.io/cluster-name")
OWNED = "kubernetes.io/cluster/"


def by_pod(search: Search) -> Placement:
    """Return the placement of a pod: under the VPC CNI's default SNAT the node's primary interface sends.

    A pod with its own security groups (a branch interface, mode `strict`), every pod where the add-on's
    settings turn the SNAT off, and a pod on Fargate send by their own.
    Sources: https://docs.aws.amazon.com/eks/latest/userguide/external-snat.html and
    https://docs.aws.amazon.com/eks/latest/userguide/security-groups-for-pods.html
    """
    own = search.source.interface_id
    if not search.source.id:
        return _own(search, "assumption.pod-fargate")
    interface = None if own is None else interface_of(search, own, named=True)
    if isinstance(interface, Unknown):
        return one(search, interface)
    settings = _settings(search)
    if settings is not None and settings.external_snat:
        return _own(search, None)
    branch = interface is not None and interface.interface_type == "branch"
    if branch and (settings is None or not settings.standard_groups):
        return _own(search, "assumption.pod-own-interface" if settings is None else None)
    if settings is not None and not all(cidr.is_private for cidr in settings.untranslated):
        # some public destinations keep the pod's address: which addresses of the service isn't followed
        return one(search, not_told("AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS"))
    return _behind_node(search, settings)


def _own(search: Search, assumed: str | None) -> Placement:
    """Return the placement of a pod that sends by its own interface, which has no public address."""
    own = search.source.interface_id or _only_interface(search)
    seat = placed_by_name(search, own, search.source.subnet_id)
    made = one(search, not_told("eks_pod") if seat is None else seat)
    if isinstance(seat, Seat):
        made = replace(made, seats=(replace(seat, public=False),))
    if assumed is None:
        return made
    return replace(made, assumptions=(Assumption(code=assumed, arguments=(("interface", own or ""),)),))


def _only_interface(search: Search) -> str | None:
    """Return the node's interface, if it has just one."""
    node = search.world.instances.get(search.source.id)
    return node.interface_ids[0] if node is not None and len(node.interface_ids) == 1 else None


def _behind_node(search: Search, settings: PodNetwork | None) -> Placement:
    node = search.source.id
    placed = instance(search, node, None)
    assumed = (Assumption(code="assumption.eks-snat", arguments=(("node", node),)),)
    if settings is None or not settings.own_ports:
        placed = replace(placed, platform="eks", platform_gap=None)
    placed = replace(placed, assumptions=assumed if settings is None else ())
    if isinstance(placed.seats, Unknown):
        return placed
    sender: NetworkInterface | None = placed.seats[0].interface
    arguments = (("node", node), ("interface", sender.id if sender is not None else ""))
    component = Component(type="instance", id=node, account=placed.account, region=search.region)
    findings = tuple(f for f in placed.findings if f.code != "source.other-interfaces")
    return replace(placed, findings=(*findings, info("source.pod-uses-node-interface", component, arguments)))


def _settings(search: Search) -> PodNetwork | None:
    """Return the recorded settings of the node's cluster; of the only cluster if tags name none.

    Source: https://docs.aws.amazon.com/eks/latest/userguide/eks-using-tags.html
    """
    recorded = [n for n in search.world.pod_networks if n.region == search.region]
    node = search.world.instances.get(search.source.id)
    named = _clusters(node) if node is not None else set()
    fitting = [n for n in recorded if n.cluster in named] if named else recorded
    return fitting[0] if len(fitting) == 1 else None


def _clusters(node: Instance) -> set[str]:
    named = {value for key, value in node.tags if key in CLUSTER_TAGS}
    return named | {key.removeprefix(OWNED) for key, _ in node.tags if key.startswith(OWNED)}
