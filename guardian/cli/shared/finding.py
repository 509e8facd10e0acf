"""From what a person typed to the incident that is meant."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

import click

from guardian.diagnose.plain import brief, plain

if TYPE_CHECKING:
    from guardian.model import Incident
    from guardian.store.store import Store

KEPT = 500
"""Closed incidents that the store keeps at most."""
_LISTED = 10


def find_incident(store: "Store", wanted: str, *, only_open: bool = False) -> "Incident":
    """By id, by target (its newest), or by the beginning of one id. Raises UsageError, saying what is near."""
    known = store.incident(wanted)
    if known is not None:
        return known
    incidents = [*store.open_incidents(), *([] if only_open else store.closed_incidents(KEPT))]
    own = [each for each in incidents if wanted in (each.key.target, plain(each.key.target))]
    if own:
        return max(own, key=lambda each: each.opened_at)
    begun = [each for each in incidents if wanted and each.id.startswith(wanted)]
    if len(begun) == 1:
        return begun[0]
    raise click.UsageError(_several(wanted, begun) if begun else _none(wanted, incidents, only_open=only_open))


def _several(wanted: str, found: Sequence["Incident"]) -> str:
    listed = "\n".join(f"  {each.id}  {brief(each.key.target, 100)}" for each in found[:_LISTED])
    return f"{len(found)} incidents begin with '{plain(wanted)}':\n{listed}"


def _none(wanted: str, incidents: Sequence["Incident"], *, only_open: bool) -> str:
    message = f"No {'open ' if only_open else ''}incident has the id or the target '{plain(wanted)}'."
    names = sorted({plain(each.key.target) for each in incidents})
    close = [name for name in names if wanted and wanted in name] or get_close_matches(wanted, names, 1)
    return f"{message} Did you mean '{close[0]}'?" if close else message
