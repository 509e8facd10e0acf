"""docs/doctor.md out of the rules: `python -m tests.doctor.reference > docs/doctor.md`."""

from collections.abc import Iterator

from guardian.doctor.examine import areas

_HEAD = """\
# What `guardian doctor` looks for

`guardian doctor` looks at the configuration, the supervisors, alert channels, your own checks, Redis, the history, the
task stores, the state directory, the folders that Guardian was told of, its own processes, the `.env` of Compose where
there is one, and the system below. It changes nothing and needs no running Guardian. Each finding is one line: how bad
it is, what was found, why it matters, and what to type to mend it; `--json` has the same as fields.
Exit code 0: nothing found, 1: something, 3: something could not be looked at.

- Where no Guardian runs and none is configured, its store and its workers are not looked at; that is said, and is no
  mistake.
- Another user's sockets and files are seen only as far as this user may look: run it as the user that runs Guardian.
- A new finding is one entry in the `rules` of its area in `guardian/doctor/areas/`; a new area is one file there.

This page is made from the rules themselves (`python -m tests.doctor.reference`).
"""


def reference() -> str:
    return _HEAD + "".join(_tables())


def _tables() -> Iterator[str]:
    for area in areas().values():
        yield f"\n## {area.title[:1].upper()}{area.title[1:]}\n\n| finding | severity | when | why it matters |\n"
        yield "| --- | --- | --- | --- |\n"
        for rule in area.rules:
            yield f"| `{rule.id}` | {rule.severity} | {rule.when} | {rule.why} |\n"


if __name__ == "__main__":
    print(reference(), end="")
