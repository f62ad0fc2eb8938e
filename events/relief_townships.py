"""Relief's story, the townships: whether one may help before paperwork, as its county has decided."""

from pydantic import Field

from events.fact import Fact
from events.relief_words import fast_track_claim
from events.words import Code, Township


class FastTrackSuspended(Fact, name="relief.fast_track_suspended"):
    """The county has suspended a township's right to help first (暂停先行救助权), and why; it decides in its place."""

    township: Township
    reason: Code
    document: str = Field(max_length=40)
    """The county's own letter (文号), where there is one."""

    def takes(self) -> tuple[str, ...]:
        """Who decides an advance there sees it under the lock."""
        return (fast_track_claim(self.township),)


class FastTrackRestored(Fact, name="relief.fast_track_restored"):
    """The township may help first again (恢复先行救助权), and why."""

    township: Township
    reason: Code
    document: str = Field(max_length=40)

    def releases(self) -> tuple[str, ...]:
        """Nobody is stopped by it any more."""
        return (fast_track_claim(self.township),)


TownshipFact = FastTrackSuspended | FastTrackRestored
