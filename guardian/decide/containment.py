"""How a containment stands for one incident: what a new flag would have to give way to. Pure."""

from collections.abc import Iterable
from enum import StrEnum

from guardian.ports import Containment, Flag, Lifted


class Contained(StrEnum):
    """NO: nothing speaks against putting the flag. STANDS: one stands that leaves as little, or a person's. LIFTED: a
    person took it away while this incident was open. RAN_OUT: its time was over."""

    NO = "no"
    STANDS = "stands"
    LIFTED = "lifted"
    RAN_OUT = "ran out"


def contained(wanted: Containment, incident: str, standing: Iterable[Flag], lifted: Iterable[Lifted]) -> Contained:
    if any(covers(flag, wanted) for flag in standing):
        return Contained.STANDS
    ended = [each for each in lifted if each.flag.scope == wanted.scope and each.flag.incident == incident]
    if any(each.by is not None for each in ended):
        return Contained.LIFTED
    return Contained.RAN_OUT if ended else Contained.NO


def covers(flag: Flag, wanted: Containment) -> bool:
    return flag.scope == wanted.scope and (flag.incident is None or flag.share <= wanted.share)
