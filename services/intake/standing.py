"""How a reply to a report's sender stands (答复状态), and which replies are closure forms."""

from typing import Literal

from events.intake_later import ReplyAbandoned, ReplyDelivered, ReplyPrepared, ReplyRequeued

Standing = Literal["owed", "kept", "delivered", "abandoned", "withheld"]
"""Of a reply: still to be sent, there to be fetched, confirmed, given up, not whole yet."""

FORMS = ("case_closed", "case_closure_amended")
"""The kinds of replies by which a hotline gets its closure form (办结表), or has it anew."""

Settling = ReplyPrepared | ReplyDelivered | ReplyAbandoned | ReplyRequeued


def standing_of(fact: Settling) -> Standing:
    """How a reply stands after this."""
    match fact:
        case ReplyPrepared():
            return "owed" if fact.is_sent else "kept"
        case ReplyDelivered():
            return "delivered"
        case ReplyAbandoned():
            return "abandoned"
        case ReplyRequeued():
            return "owed"
