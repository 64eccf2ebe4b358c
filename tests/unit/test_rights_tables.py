"""Tables: indexes, transactions, endpoint discovery, table policies.

Sources: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html and
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/inter-network-traffic-privacy.html
"""

import pytest
from tests import scenarios_policies as p
from tests import snapshots as s
from tests.rights_stores import (
    NOTHING_OF_S3,
    TABLE,
    TABLE_ENDPOINT,
    TABLE_POLICY,
    may,
    of_table,
    with_table,
)
from tests.rights_worlds import keys_asked, whole
from tests.scenarios import private_routes
from tests.snapshots import Json

INDEX = f"{TABLE}/index/by-date"
WRITES = ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"]


@pytest.mark.parametrize(
    ("resource", "verdict"), [(TABLE, "denied"), ([TABLE, f"{TABLE}/index/*"], "ok"), (f"{TABLE}*", "ok")]
)
def test_an_index_has_an_arn_of_its_own(resource: object, verdict: str) -> None:
    question = of_table("dynamodb:Query", INDEX)
    for made, component in (
        (with_table(endpoint=(p.allow(Resource=resource),)), TABLE_ENDPOINT),
        (with_table(may("dynamodb:*", resource=resource)), p.IDENTITY),
    ):
        found = whole(made, question)
        assert found.verdict == verdict
        if verdict == "denied":
            assert found.findings[0].component.id == component


@pytest.mark.parametrize(
    ("actions", "more", "verdict"),
    [
        ([*WRITES, "dynamodb:ConditionCheckItem"], {}, "ok"),
        (["dynamodb:TransactWriteItems"], {}, "denied"),
        (WRITES, {}, "unknown"),
        (WRITES, {"action": "dynamodb:ConditionCheckItem"}, "denied"),
        (WRITES, {"action": "dynamodb:PutItem"}, "ok"),
    ],
)
def test_a_transaction_needs_the_actions_of_what_it_holds(
    actions: list[str], more: Json, verdict: str
) -> None:
    made = with_table(endpoint=(p.allow(Action=actions),))
    question = of_table("dynamodb:TransactWriteItems", operation="TransactWriteItems")
    found = whole(made, {**question, **more})
    assert found.verdict == verdict
    if verdict == "denied":
        assert found.findings[0].component.id == TABLE_ENDPOINT


DISCOVERY = of_table("dynamodb:DescribeEndpoints", "*")


@pytest.mark.parametrize(
    ("identity", "endpoint", "component"),
    [
        (may("dynamodb:*"), p.allow(), None),
        (may("dynamodb:GetItem"), p.allow(), p.IDENTITY),
        (may("dynamodb:*"), p.allow(Action="dynamodb:GetItem"), TABLE_ENDPOINT),
        # an account as principal of a gateway endpoint's policy is its root user alone
        (
            may("dynamodb:*"),
            p.allow(Principal={"AWS": f"arn:aws:iam::{s.ACCOUNT}:root"}, Action="dynamodb:DescribeEndpoints"),
            TABLE_ENDPOINT,
        ),
    ],
)
def test_endpoint_discovery_is_authorized_through_an_endpoint(
    identity: Json, endpoint: Json, component: str | None
) -> None:
    found = whole(with_table(identity, endpoint=(endpoint,)), DISCOVERY)
    assert found.verdict == ("ok" if component is None else "denied")
    if component is not None:
        assert (found.findings[0].component.id, found.certainty) == (component, "proven")


def test_endpoint_discovery_needs_nothing_past_the_endpoint() -> None:
    made = with_table(may("dynamodb:GetItem"))
    routes = private_routes(made)
    routes[:] = [row for row in routes if row.get("DestinationPrefixListId") != s.DDB_LIST]
    assert whole(made, DISCOVERY).verdict == "bypass"


def test_table_policies_grant_and_deny() -> None:
    grant = p.allow(Principal={"AWS": p.ROLE_ARN}, Action="dynamodb:GetItem", Resource=TABLE)
    question = of_table("dynamodb:GetItem")
    assert whole(with_table(NOTHING_OF_S3, policy=(grant,)), question).verdict == "ok"
    old = p.deny(Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-0dead"}})
    found = whole(with_table(policy=(old,)), question)
    assert (found.verdict, found.findings[0].component.id) == ("denied", TABLE_POLICY)
    theirs = of_table("dynamodb:GetItem", TABLE.replace(s.ACCOUNT, p.OTHER_ACCOUNT))
    assert whole(with_table(owner=p.OTHER_ACCOUNT), theirs).findings[0].component.id == TABLE_POLICY
    shared = p.allow(Principal={"AWS": s.ACCOUNT}, Action="dynamodb:GetItem")
    assert whole(with_table(owner=p.OTHER_ACCOUNT, policy=(shared,)), theirs).verdict == "ok"


def test_keys_of_items_are_asked_for() -> None:
    own = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["u1"]}}
    made = with_table(may("dynamodb:*", Condition=own))
    found = whole(made, of_table("dynamodb:GetItem"))
    assert (found.verdict, keys_asked(found)) == ("unknown", {"dynamodb:LeadingKeys"})
    for value, verdict in ((["u1"], "ok"), (["u2"], "denied")):
        question = of_table("dynamodb:GetItem", context={"dynamodb:LeadingKeys": value})
        assert whole(made, question).verdict == verdict
