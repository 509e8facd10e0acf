"""`guardian drill`: break something on purpose, and see Guardian mend it."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from guardian.cli.shared import options

if TYPE_CHECKING:  # `guardian --help` stays quick
    from datetime import timedelta

    from guardian.drill.crash import Outcome
    from guardian.drill.scene import Played

_FAILED = 1
_SCENES = "guardian.drill.scenes"


class _Drills(click.Group):
    """The crash, and one command for each scene; a scene is loaded when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        from guardian.registry import modules

        return [*super().list_commands(ctx), *modules(_SCENES)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        from guardian.registry import modules

        return _scene_command(cmd_name) if cmd_name in modules(_SCENES) else super().get_command(ctx, cmd_name)


@click.group("drill", cls=_Drills)
def COMMAND() -> None:  # noqa: N802  found by this name
    """Break something on purpose, and measure how it is mended."""


def _scene_command(name: str) -> click.Command:
    from guardian.registry import load

    scene = load(_SCENES, name, "SCENE")["SCENE"]

    @click.command(name, short_help=scene.title, help=f"{scene.title}\n\n{_SCENE_HELP}")
    @options.as_json
    def command(as_json: bool) -> None:
        from guardian.cli.shared.output import show_json
        from guardian.drill import scene as playing

        played = playing.play(scene, _progress)
        if as_json:
            show_json(playing.as_json(played))
        else:
            _print_played(played)
        sys.exit(0 if played.ok else _FAILED)

    return command


_SCENE_HELP = """A Guardian of its own, with its scheduler and workers, and a small world are set up for it in a
temporary folder, and cleared away again. Exit code 0: seen and dealt with in time, 1: not, 2: the drill cannot be
held."""


def _print_played(played: "Played") -> None:
    from guardian.cli.shared.output import say, show_table

    say(f"{played.scene.title}: {played.words}")
    rows = {"seen": played.seen, played.scene.ending: played.over}
    show_table(("after it went wrong", "seconds"), [(name, _seconds(length)) for name, length in rows.items()])
    for incident in played.incidents:
        say(f"{incident.key.target}: {incident.resolution or incident.message}")
    if played.proof:
        say(played.proof)
    limit = f"{played.scene.limit.total_seconds():.0f} s"
    end = f"{played.scene.ending} within {limit}" if played.ok else f"not {played.scene.ending} within {limit}"
    say(end, style="ok" if played.ok else "fail")
    if played.log:
        say(f"Guardian's log: {played.log}")


@COMMAND.command("crash")
@click.option("--app", metavar="NAME", help="A process that the running Guardian watches; else one of the drill's own.")
@click.option("--yes", is_flag=True, help="Kill --app without asking.")
@options.where
@options.as_json
def _crash(app: str | None, yes: bool, config: Path | None, state: Path | None, as_json: bool) -> None:
    """Kill a process, and time it: seen, running again, verified.

    Without --app, a Guardian, a supervisor and a process are started for it and cleared away again. Exit code 0: healed
    and verified in time, 1: not, 2: the drill cannot be held, 3: no Guardian runs.
    """
    from guardian.cli.shared.output import show_json
    from guardian.drill import crash

    if app is None and (config or state or yes):
        raise click.UsageError("--config, --state and --yes go with --app.")
    outcome = crash.crash_throwaway(_progress) if app is None else _crash_app(app, config, state, yes)
    if as_json:
        show_json(crash.as_json(outcome))
    else:
        _print(outcome)
    sys.exit(0 if outcome.ok else _FAILED)


def _crash_app(app: str, config: Path | None, state: Path | None, yes: bool) -> "Outcome":
    from guardian.diagnose.plain import plain
    from guardian.drill import crash
    from guardian.drill.victim import find_victim

    victim = find_victim(config, state, app)
    if not yes:
        question = f"kill -9 {plain(app)} (process {victim.pid}, under {victim.supervisor.name})?"
        click.confirm(question, abort=True, err=True)
    return crash.crash(victim, _progress)


def _progress(text: str) -> None:
    click.echo(text, err=True)


def _print(outcome: "Outcome") -> None:
    from guardian.cli.shared.output import say, show_table

    if outcome.by_itself and outcome.running is not None:
        seconds = outcome.running.total_seconds()
        say(
            f"{outcome.supervisor} restarted it by itself after {seconds:.1f} s: nothing for Guardian to do", style="ok"
        )
        return
    say(f"{outcome.target}, under {outcome.supervisor}")
    rows = {
        "seen": outcome.seen,
        "running again": outcome.running,
        "  from seen to running again": outcome.repair,
        "verified, and the incident resolved": outcome.verified,
    }
    show_table(("after kill -9", "seconds"), [(name, _seconds(length)) for name, length in rows.items()])
    for line in _conclusion(outcome):
        say(line, style="ok" if outcome.ok else "fail")


def _seconds(length: "timedelta | None") -> str:
    return f"{length.total_seconds():7.2f}" if length is not None else "      -"


def _conclusion(outcome: "Outcome") -> list[str]:
    limit = f"{outcome.heal_limit.total_seconds():.0f} s"
    if outcome.ok:
        return [f"healed within {limit}, and verified"]
    lines = [f"not healed within {limit} and verified"]
    if outcome.incident and outcome.incident.reason:
        lines.append(f"because: {outcome.incident.reason}")
    if outcome.running is None:
        lines.append(f"{outcome.target} is still down")
    if outcome.log:
        lines.append(f"Guardian's log: {outcome.log}")
    return lines
