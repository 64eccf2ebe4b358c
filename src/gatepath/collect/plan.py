"""The plan of a recording: which calls come next, given what has been answered. Pure.

A rule is a function from the question and the answers so far to the calls it wants; it is asked again after
every stage. What was asked is not asked again, so a stage without new calls is the end.
"""

from collections.abc import Callable, Iterator

from gatepath.collect import plan_names, plan_network, plan_rights
from gatepath.collect.answers import Answers, ApiCall
from gatepath.collect.view import View
from gatepath.model.question import Question

Rule = Callable[[View], Iterator[ApiCall]]

PATH_RULES: tuple[Rule, ...] = (
    plan_network.source,
    plan_network.filters_and_routes,
    plan_names.attributes,
    plan_names.zones,
    plan_names.resolver,
    plan_network.prefix_lists,
    plan_network.onward,
    plan_network.transit,
    plan_network.refinements,
    plan_names.profiles,
    plan_rights.access_point,
    plan_rights.bucket_place,
    plan_rights.table,
)
"""What the network's verdict rests on."""

POLICY_RULES: tuple[Rule, ...] = (
    plan_rights.bucket_policies,
    plan_rights.table_policy,
    plan_rights.principal,
    plan_rights.guardrails,
)
"""What the policies' verdict rests on."""


def plan_for_question(
    question: Question, *, region: str, account: str, answers: Answers, policies: bool = True
) -> tuple[ApiCall, ...]:
    """Return the calls that come next, none if the recording is complete.

    `region` is the session's, used where the question names none. Every returned call can be made at once.
    """
    view = View.of(question, region, account, answers)
    rules = PATH_RULES + POLICY_RULES if policies else PATH_RULES
    wanted = dict.fromkeys(call for rule in rules for call in rule(view))
    return tuple(call for call in wanted if not answers.asked(call))
