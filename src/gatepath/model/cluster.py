"""What AWS's calls tell of the pod network of an EKS cluster."""

from dataclasses import dataclass

from gatepath.model.network import Network
from gatepath.model.ref import Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class PodNetwork:
    """The VPC CNI's settings, as given to the managed add-on (`eks.DescribeAddon`); else its defaults.

    Sources: https://docs.aws.amazon.com/eks/latest/userguide/external-snat.html and
    https://github.com/aws/amazon-vpc-cni-k8s#readme
    """

    cluster: str
    region: str
    external_snat: bool
    """Pods keep their own addresses on the way out of the VPC."""
    standard_groups: bool
    """Pods with security groups of their own are translated like any other (mode `standard`)."""
    own_ports: bool
    """The translation keeps a pod's own source port where it is free (`none` instead of a random one)."""
    untranslated: tuple[Network, ...]
    """Destinations to which pods keep their own addresses."""
    ref: Ref
