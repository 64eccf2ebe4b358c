"""What the parts of the check `region` share: its name, its components, its findings."""

from gatepath.request import Request
from gatepath.trace import (
    Arguments,
    Component,
    Finding,
)

NAME = "region"


def resource_component(request: Request) -> Component:
    """Return the bucket or table as a component."""
    if request.bucket is not None:
        return Component(type="s3-bucket", id=f"s3:bucket/{request.bucket}", region=resource_region(request))
    if request.service != "dynamodb":
        return Component(
            type="s3-access-point", id=str(request.resource or ""), region=resource_region(request)
        )
    table_id = str(request.resource) if request.resource is not None else request.table or ""
    return Component(
        type="dynamodb-table", id=table_id, account=request.account, region=resource_region(request)
    )


def resource_name(request: Request) -> str:
    """Return the resource as a reader calls it."""
    return request.bucket or request.table or str(request.resource or "")


def resource_region(request: Request) -> str:
    """Return the resource's Region; empty if it isn't known."""
    return request.resource_region if isinstance(request.resource_region, str) else ""


def client_component(request: Request, setting: str) -> Component:
    """Return a setting of the client as a component."""
    return Component(type="client", id=f"client:{setting}", account=request.account, region=request.region)


def finding_of(code: str, component: Component, arguments: Arguments, **more: object) -> Finding:
    """Return a finding of this check."""
    return Finding(code=code, check=NAME, component=component, arguments=arguments, **more)  # type: ignore[arg-type]
