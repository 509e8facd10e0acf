"""Set a task file aside that is no JSON: whole, never over another, and where a person finds it."""

from dataclasses import replace

from guardian.heal.base import Done, Remedy
from guardian.heal.shared.tasks import never_done, store_named
from guardian.model import RemedyKind
from guardian.ports import Ports


def act(ports: Ports, target: str) -> Done:
    """The target is `STORE damaged FILE`. Raises RemedyError; a file that can be read by now is left alone."""
    store, _, name = target.split(" ", 2)
    return Done(changed=True, text=f"set aside as {store_named(ports, store).set_aside(name)}")


def bind(_order: object) -> Remedy:
    return replace(REMEDY)


REMEDY = Remedy(kind=RemedyKind.REPAIR, act=act, already_done=never_done, bind=bind)
