"""Runs real `guardian` commands, each in a process forked from this one, so that what they import is imported once.

stdin: a JSON list of argument lists. stdout: a JSON list of [exit code, what it wrote to stdout and stderr]. With the
argument `--as-nobody`, and when root, `config` commands run as a user who may read only what everyone may, which
need not include the folder that the program is in: they are called without looking for them there.
"""

import gc
import json
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from typing import NoReturn

import guardian.cli.config
import guardian.services
from guardian.cli.main import main

_NOBODY = 65534


def run(arguments: Sequence[str]) -> tuple[int, str]:
    with tempfile.TemporaryFile() as output:
        child = os.fork()
        if child == 0:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
            command(arguments)
        _, status = os.waitpid(child, 0)
        output.seek(0)
        return os.waitstatus_to_exitcode(status), output.read().decode(errors="replace")


def command(arguments: Sequence[str]) -> NoReturn:
    program = main
    if "--as-nobody" in sys.argv and os.geteuid() == 0:
        os.setuid(_NOBODY)
        program, arguments = guardian.cli.config.COMMAND, arguments[1:]
    sys.argv = ["guardian", *arguments]
    try:
        program()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(bool(end.code))
    except BaseException:  # noqa: BLE001  as the interpreter would
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # the interpreter's own way out takes longer than the command


if __name__ == "__main__":
    commands = json.load(sys.stdin)
    guardian.services.sections()
    gc.freeze()
    print(json.dumps([run(arguments) for arguments in commands]))
