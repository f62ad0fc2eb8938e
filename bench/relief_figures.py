"""The figures of relief's own work: clocks judged, and the past decided again."""

from collections.abc import Mapping

from bench import deciding, judging, supposing
from bench.contest import Contestant, Figure


def relief_figures(facts: int) -> Mapping[str, Figure]:
    """Every figure by its short name; ``facts`` is how many clocks are judged and facts are gone through."""
    return {"clocks": _clocks(facts), "whatif": _whatif(facts), "sixty": _sixty(facts // 100)}


def _sixty(cases: int) -> Figure:
    """1,000 a second of CPU is a millisecond a case."""
    ways = [("read from bytes", deciding.read), ("folded", deciding.folded), ("at hand", deciding.at_hand)]
    return Figure(
        f"A case of {deciding.FACTS} facts decides, in CPU time",
        "cases",
        [Contestant(name, work) for name, work in ways],
        [],
        facts=cases,
    )


def _clocks(facts: int) -> Figure:
    """20,000 a second is 100,000 in five seconds."""
    return Figure(
        f"Judging of {facts:,} open clocks",
        "clocks",
        [Contestant("bare comparison", judging.compare), Contestant("judge", judging.judge)],
        [],
        facts=facts,
    )


def _whatif(facts: int) -> Figure:
    """16,700 a second is a million in a minute."""
    return Figure(
        f"What-if over {facts:,} facts",
        "facts",
        [Contestant("decode and fold", supposing.fold), Contestant("what-if", supposing.suppose)],
        [],
        facts=facts,
    )
