"""What an account turns on for whole VPCs: Block Public Access, Encryption Controls: AWS shapes to model."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from gatepath.model import network as net
from gatepath.snapshot import wire as w
from gatepath.snapshot.listing import Row, listing
from gatepath.snapshot.load_network import spots
from gatepath.snapshot.pages import Recording
from gatepath.snapshot.rows import Spot


def control_listings(recording: Recording) -> dict[str, Any]:
    """Return the listings of this area by their name in `World`."""
    return {
        "block_public_access": listing(
            recording, _block_public_access(recording), "ec2.DescribeVpcBlockPublicAccessOptions"
        ),
        "block_public_access_exclusions": listing(
            recording, _exclusions(recording), "ec2.DescribeVpcBlockPublicAccessExclusions"
        ),
        "encryption_controls": listing(
            recording, _encryption_controls(recording), "ec2.DescribeVpcEncryptionControls"
        ),
    }


def _same(made: object) -> object:
    return made


def _block_public_access(recording: Recording) -> Iterator[Row]:
    for answered, page in recording.pages("ec2.DescribeVpcBlockPublicAccessOptions"):
        if not isinstance(page.answer, w.BlockPublicAccess):
            continue
        options = page.answer.VpcBlockPublicAccessOptions
        made = net.BlockPublicAccess(
            account=answered.account,
            region=answered.region,
            mode=options.InternetGatewayBlockMode,
            ref=Spot(page.call, page.place, "/VpcBlockPublicAccessOptions").ref,
        )
        key = f"{answered.account}/{answered.region}"
        yield Row(key, "", answered.account, answered.account, partial(_same, made))


def _exclusions(recording: Recording) -> Iterator[Row]:
    name = "ec2.DescribeVpcBlockPublicAccessExclusions"
    for answered, row, spot in spots(recording, name, "VpcBlockPublicAccessExclusions"):
        made = net.BlockPublicAccessExclusion(
            id=row.ExclusionId,
            region=answered.region,
            mode=row.InternetGatewayExclusionMode,
            state=row.State,
            resource_id=row.ResourceArn.rpartition("/")[2],
            ref=spot.ref,
        )
        yield Row(made.id, "", answered.account, answered.account, partial(_same, made))


def _encryption_controls(recording: Recording) -> Iterator[Row]:
    name = "ec2.DescribeVpcEncryptionControls"
    for answered, row, spot in spots(recording, name, "VpcEncryptionControls"):
        made = net.EncryptionControl(
            id=row.VpcEncryptionControlId,
            region=answered.region,
            vpc_id=row.VpcId,
            mode=row.Mode,
            state=row.State,
            ref=spot.ref,
        )
        yield Row(made.id, made.vpc_id, answered.account, answered.account, partial(_same, made))
