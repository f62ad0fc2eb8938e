"""Who decides by the amount (分级审批), and who has to sign."""

from events.relief_approval import Level
from services.relief.limits import county_limit, township_limit
from services.relief.policy import Policy, required


def level_of(policy: Policy, asked_fen: int, used_fen: int) -> Level:
    """The township inside its limit, the county up to its own, beyond it the coordination meeting (一事一议).

    ``used_fen`` is what the case has used up before; it counts unless the limit is on each decision alone. Raises
    ``NoPolicy``, ``NoStandard``.
    """
    limit = township_limit(policy)
    if limit.allows(asked_fen + (0 if limit.by_decision else used_fen)):
        return "township"
    ceiling = county_limit(policy)
    return "county" if ceiling is None or ceiling.allows(asked_fen + used_fen) else "meeting"


def signers(policy: Policy, level: Level) -> tuple[str, ...]:
    """The roles that sign, in their order. Raises ``NoPolicy``."""
    rule = required(policy.rules.signers, "signers")
    return rule.township if level == "township" else (*rule.township, *rule.county)
