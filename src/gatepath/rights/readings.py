"""Other readings of what AWS's pages leave open: a decision that one of them changes is `suspect`.

Source: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from gatepath.engine.iam.ask import Layer
from gatepath.engine.iam.compiled import Policy, Role, compile_document
from gatepath.engine.iam.documents import Document
from gatepath.engine.iam.lints import named_principals, restricted_forms
from gatepath.rights.layers import Applied, compiled

_COMPILED_LIMIT = 256


def other_readings(one: Applied) -> Iterator[tuple[Applied, frozenset[Layer]]]:
    """Yield what applies read otherwise, with the layers whose reading is another one."""
    endpoint = one.part(Layer.VPCE)
    text = None if endpoint is None else next((text for text in endpoint.texts if text is not None), None)
    if endpoint is not None and text is not None:
        for policy in _endpoint_policies(text.text, gateway=endpoint.gateway):
            other = replace(endpoint, attached=(policy,))
            parts = tuple(other if part is endpoint else part for part in one.parts)
            yield replace(one, parts=parts), frozenset({Layer.VPCE})
    if one.permission.via_service is not None:
        # whether the call that S3 makes carries the caller's network keys follows from no page on KMS
        yield replace(one, permission=replace(one.permission, carried=True)), frozenset(Layer)


@lru_cache(maxsize=_COMPILED_LIMIT)
def _endpoint_policies(text: str, *, gateway: bool) -> tuple[Policy, ...]:
    """Return an endpoint policy as it may be read as well.

    A gateway endpoint's may or may not name roles and users; conditions of a form that the page excludes may
    never match.
    """
    role = Role.GATEWAY if gateway else Role.RESOURCE
    document = compiled(text, role).document
    excluded = {number for number, _ in restricted_forms(document)}
    named = gateway and any(True for _ in named_principals(document))
    documents = [document] if not excluded else [document, _without(document, excluded)]
    roles = [role] if not named else [role, Role.GATEWAY_NAMED]
    made = [compile_document(d, r) for d in documents for r in roles]
    return tuple(made[1:])


def _without(document: Document, excluded: set[int]) -> Document:
    return replace(document, statements=tuple(s for s in document.statements if s.index not in excluded))
