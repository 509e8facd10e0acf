"""Your own check as a command: its exit code is the verdict, its first line the message.

Probe: runs the command. It is to change nothing; what it leaves running is ended with it.
Judge: 0 ok, 1 fail, 3 unknown; everything else (another code, a signal, a time-out) unknown, saying which.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from guardian.checks.base import Check, Judgement, TargetEvidence
from guardian.diagnose.plain import brief
from guardian.model import Memory, Severity, Status, Verdict
from guardian.ports import Command, Ports, Ran
from guardian.settings import Model, PositiveDuration, UserPath, at_most, one_of, text_of

_MESSAGE = 200
_STATES = {0: Status.OK, 1: Status.FAIL, 3: Status.UNKNOWN}
_LONGEST_LOOK, _LONGEST_HEAL = timedelta(seconds=30), timedelta(hours=1)
_IN_TASK = timedelta(seconds=30)
RESTART, RUN = "restart_process", "run_command"

_Argument = Annotated[str, text_of(r"[^\0]*", "text without NUL")]
_Arguments = Annotated[tuple[_Argument, ...], Field(min_length=1, strict=False)]
_Variable = Annotated[str, text_of(r"[A-Za-z_][A-Za-z0-9_]*", "a variable's name: letters, digits and `_`")]


class Params(Model):
    run: _Arguments = Field(
        examples=[["./checks/api.sh", "--quick"]], json_schema_extra={"default_is": "none: it is required"}
    )
    """The program and its arguments; no shell reads them. A relative path starts in `cwd`."""
    timeout: Annotated[PositiveDuration, at_most(_LONGEST_LOOK)] = timedelta(seconds=10)
    """It is ended after this, with all that it started, and the verdict is unknown. At most 30s."""
    target: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        None, examples=["api"], json_schema_extra={"default_is": "the check's name"}
    )
    """What the verdict is about; for `restart_process` the process's name."""
    severity: Annotated[Severity, one_of(Severity)] = Severity.HIGH
    """How much a person should care: `info`, `warning`, `high` or `critical`."""
    cwd: UserPath | None = Field(
        None, examples=["/srv/api"], json_schema_extra={"default_is": "the folder of the configuration file"}
    )
    """The folder in which it runs."""
    env: Mapping[_Variable, _Argument] = Field(default_factory=dict, examples=[{"API_URL": "http://127.0.0.1:8000"}])
    """Variables beside PATH, HOME and LANG, which are all that it gets. No place for secrets."""
    env_from: tuple[_Variable, ...] = Field((), strict=False)
    """Names of variables that it gets from Guardian's own environment: the way for secrets."""
    remedy: Annotated[str, Field(min_length=1)] | None = Field(None, examples=[RESTART])
    """The id of the remedy that cures the target. `restart_process` restarts it also while it runs."""
    heal: _Arguments | None = Field(None, examples=[["./restart-api.sh"]])
    """Or a command that cures it, run in the same way; 0 means done."""
    heal_timeout: Annotated[PositiveDuration, at_most(_LONGEST_HEAL)] = _IN_TASK
    """The heal command is ended after this. Where it is over 30s, the heal is verified only after it. At most 1h."""

    @model_validator(mode="after")
    def _one_cure(self) -> Self:
        if self.heal is not None and self.remedy not in (None, RUN):
            raise ValueError("`remedy` and `heal` are both given: keep one")
        if self.heal is None and self.remedy == RUN:
            raise ValueError(f"the remedy `{RUN}` needs the command: give it as `heal`, without `remedy`")
        return self


def probe(ports: Ports, params: Params, _only: str | None = None, *, folder: Path = Path()) -> Ran:
    return ports.commands.run(_command(params, params.run, params.timeout, folder))


def judge(ran: Ran, params: Params, memory: Memory, _now: datetime, *, name: str = "") -> Judgement:
    status = Status.UNKNOWN if ran.code is None else _STATES.get(ran.code, Status.UNKNOWN)
    message = brief(_message(ran), _MESSAGE)
    return Judgement([Verdict(params.target or name, status, message, params.severity, facts=_facts(ran))], memory)


def _message(ran: Ran) -> str:
    if ran.trouble is not None:
        return f"{ran.trouble}{f': {ran.line}' if ran.line else ''}"
    if ran.code not in _STATES:
        return f"exit code {ran.code} (0 ok, 1 fail, 3 unknown){f': {ran.line}' if ran.line else ''}"
    return ran.line or f"exit code {ran.code}, no output"


def _facts(ran: Ran) -> dict[str, Any]:
    return {"exit_code": ran.code, "seconds": ran.seconds} | ({"ended": ran.trouble} if ran.trouble else {})


def evidence(ran: Ran, _target: str) -> TargetEvidence:
    return TargetEvidence({"output": ran.output.splitlines()[:20]})


def _command(params: Params, arguments: Sequence[str], limit: timedelta, folder: Path, **more: bool) -> Command:
    cwd = folder / params.cwd if params.cwd else folder
    return Command(tuple(arguments), limit, str(cwd), params.env, params.env_from, **more)


def _order(params: Params, _target: str, *, folder: Path) -> Any:
    """What its remedy is to do: run the command; else that it is to restart also what runs, which does not work."""
    if params.heal is not None:
        return _command(params, params.heal, params.heal_timeout, folder, goes_on=True)
    return params.remedy is not None


def _settle(params: Params) -> timedelta:
    long = params.heal is not None and params.heal_timeout > _IN_TASK
    return params.heal_timeout if long else timedelta(0)


def member(name: str, params: Params, folder: Path) -> Check:
    """The check of one section; its command runs in `folder`, unless it names another."""
    return replace(
        CHECK,
        title=f"Your own command {brief(params.run[0], 100)}",
        probe=partial(probe, folder=folder),
        judge=partial(judge, name=name),
        remedy=RUN if params.heal is not None else params.remedy,
        order=partial(_order, folder=folder),
        member=None,
    )


CHECK = Check(
    "Your own command",
    every=timedelta(minutes=1),
    params=Params,
    probe=probe,
    judge=judge,
    evidence=evidence,
    settle=_settle,
    own=True,
    member=member,
)
