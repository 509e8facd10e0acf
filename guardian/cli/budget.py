"""`guardian budget`: what this month has cost, what it will, and who spends it."""

import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from guardian.cli.shared import options

if TYPE_CHECKING:
    from guardian.engine.budget import Statement


@click.command("budget")
@options.where
@options.as_json
def COMMAND(config: Path | None, state: Path | None, as_json: bool) -> None:  # noqa: N802  found by this name
    """Today, the month, its forecast, the burn tiers and the top spenders. Exit code 0: within the budget, 1: it goes
    too fast or is used up, 3: nothing is known."""
    from guardian.cli.shared.opening import reached
    from guardian.cli.shared.output import show_json
    from guardian.engine import budget

    with reached(config, state) as guardian:
        try:
            found = budget.statement(guardian.store, guardian.config)
        except budget.NoStatementError as nothing:
            click.echo(str(nothing), err=True)
            sys.exit(3)
    if as_json:
        show_json(budget.document(found))
    else:
        _print(found)
    sys.exit(1 if found.outlook.share < 1 else 0)


def _print(found: "Statement") -> None:
    from guardian.cli.shared.output import say, show_table
    from guardian.decide.ledger import KINDS
    from guardian.runtime import rows
    from guardian.settings import rough_text

    view, now = found.outlook, found.now.astimezone(found.zone)
    looked = f"looked {rough_text(found.now - found.at)} ago"
    say(f"{now:%B %Y} ({found.params.zone}), {looked}", style="bold")
    if found.behind:
        say("logs are still being read: all sums are too small as yet", style="unknown")
    _say_amounts(found)
    for model, count in found.ledger.unpriced.items():
        say(f"unknown spend: {count} lines of {model}, which has no price", style="unknown")
    for flag in found.flags:
        say(f"flags: {rows.flag_line(flag)}", style="unknown")
    say()
    show_table(("tier", "burns over", "at most", "burn now", ""), [
        (
            tier.name,
            f"{rough_text(tier.long)} and {rough_text(tier.short)}",
            f"{tier.times:g} times",
            f"{long:.1f} and {short:.1f}",
            "fail" if tier == view.tier else "ok",
        )
        for tier, long, short in found.burns()
    ])  # fmt: skip
    spenders = [
        (kind, name, _text(cost), f"{cost / view.spent:.0%}" if view.spent else "")
        for kind in KINDS
        for name, cost in found.top(kind)
    ]
    say()
    show_table(("by", "name", "this month", ""), spenders)
    say()
    _chart([(f"{day:%m-%d}", amount) for day, amount in found.days])


def _say_amounts(found: "Statement") -> None:
    from guardian.cli.shared.output import say
    from guardian.settings import rough_text

    view, currency = found.outlook, found.params.currency
    share = view.spent / view.budget
    say(f"today       {_text(found.today)} {currency}")
    say(f"this month  {_text(view.spent)} of {_text(view.budget)} {currency}, {share:.0%}", style=_style(found))
    if view.forecast is None:
        say("forecast    none as yet: a day has to be known")
    else:
        rhythm = f"{_text(view.rhythm)} by the days' rhythm, " if view.rhythm is not None else ""
        say(f"forecast    {rhythm}{_text(view.flat)} as the last day was", style=_style(found))
        lasts = f"for {rough_text(view.gone_in)}" if view.gone_in is not None else "to the month's end"
        say(f"lasts       {lasts}")
    say(f"pace        {view.share:g} of the usual one is left" if view.share < 1 else "pace        all of it")


def _style(found: "Statement") -> str:
    return "fail" if found.outlook.share < 1 else "ok"


def _text(amount: Decimal | None) -> str:
    return f"{amount:,.2f}" if amount is not None else "-"


def _chart(bars: Sequence[tuple[str, Decimal]], width: int = 44) -> None:
    """A line each, the longest as long as `width`."""
    from guardian.cli.shared.output import say

    most = max((amount for _, amount in bars), default=Decimal(0))
    block = "█" if (sys.stdout.encoding or "").lower().startswith("utf") else "#"
    for name, amount in bars:
        length = round(amount / most * width) if most else 0
        say(f"{name}  {block * length:<{width}}  {_text(amount):>12}")
