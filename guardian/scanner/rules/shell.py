"""Shell injection: other programs started. Names from the audit events `os.system`, `os.exec`, `os.posix_spawn`,
`os.spawn`, `os.startfile`, `subprocess.Popen` and `pty.spawn`, and from the libraries' own docs."""

from guardian.scanner.report import Rule, Severity
from guardian.scanner.rules.base import entries

_BLOCK, _REVIEW = Severity.BLOCK, Severity.REVIEW

RULES = (
    Rule(
        "G201",
        "os-system",
        _BLOCK,
        "high",
        78,
        "`os.system` and what hands a line to a shell like it",
        "a shell runs whatever the line holds, and one character of an argument is enough to start another program",
        'os.system("ls")',
        'subprocess.run(["ls"], check=True)',
    ),
    Rule(
        "G202",
        "os-popen",
        _BLOCK,
        "high",
        78,
        "`os.popen`, `subprocess.getoutput` and the like",
        "a shell runs whatever the line holds",
        'os.popen("ls").read()',
        'subprocess.run(["ls"], capture_output=True, text=True, check=True).stdout',
    ),
    Rule(
        "G203",
        "os-exec",
        _BLOCK,
        "high",
        78,
        "`os.exec*`, `os.posix_spawn`",
        "another program takes the place of the script, with its rights and open files",
        'os.execv("/bin/ls", ["ls"])',
        'subprocess.run(["ls"], check=True)',
    ),
    Rule(
        "G204",
        "os-spawn",
        _BLOCK,
        "high",
        78,
        "`os.spawn*`, `pty.spawn`, `pexpect`",
        "another program runs, and nothing bounds it",
        'os.spawnlp(os.P_WAIT, "ls", "ls")',
        'subprocess.run(["ls"], check=True, timeout=60)',
    ),
    Rule(
        "G205",
        "subprocess",
        _BLOCK,
        "high",
        78,
        "`subprocess` with a shell, with an interpreter that is given text, `Popen`, or a command that cannot be told",
        "a shell or an interpreter runs the text it is given; a process in the background outlives the script",
        'subprocess.run("ls", shell=True)',
        'subprocess.run(["ls", "-l"], check=True) with a constant program',
    ),
)

ENTRIES = {
    **entries(
        "G201",
        """
        os.{system, startfile} _winapi.CreateProcess win32api.{ShellExecute, WinExec}
        win32com.shell.shell.ShellExecuteEx
        """,
    ),
    **entries("G201", "IPython.get_ipython().{system, getoutput} IPython.utils.process.{system, getoutput}"),
    **entries(
        "G201",
        """
        invoke.{run, Context().run, Context().sudo} fabric.{Connection().run, Connection().local,
        Connection().sudo, api.local, api.run} paramiko.SSHClient().exec_command nox.Session().run
        delegator.run envoy.run plumbum.local imaplib.IMAP4_stream
        """,
    ),
    **entries(
        "G202",
        """
        os.popen subprocess.{getoutput, getstatusoutput} commands.{getoutput, getstatusoutput}
        popen2.{popen2, popen3, popen4}
        """,
    ),
    **entries("G202", "platform.popen"),
    **entries(
        "G203",
        """
        os.{execl, execle, execlp, execlpe, execv, execve, execvp, execvpe, posix_spawn, posix_spawnp,
        _execvpe}
        """,
    ),
    **entries(
        "G204",
        """
        os.{spawnl, spawnle, spawnlp, spawnlpe, spawnv, spawnve, spawnvp, spawnvpe, _spawnvef} pty.spawn
        """,
    ),
    **entries(
        "G204",
        """
        pexpect.{spawn, run, runu, popen_spawn.PopenSpawn} distutils.spawn.spawn ptyprocess.PtyProcess.spawn
        winpexpect.winspawn pydoc.{pipepager, tempfilepager}
        {setuptools, distutils.cmd}.Command().spawn
        {setuptools, distutils}.command.{build_ext.build_ext, build_py.build_py, install.install, sdist.sdist}().spawn
        """,
    ),
    **entries("G204", "os.{fork, forkpty} pty.fork", "call", severity=_REVIEW),
    **entries("G205", "subprocess.{run, call, check_call, check_output}", "run", 0, "args"),
    **entries(
        "G205",
        """
        subprocess.Popen psutil.Popen gevent.subprocess.Popen test.support.script_helper.spawn_python
        """,
        "popen",
        0,
        "args",
    ),
    **entries(
        "G205",
        """
        asyncio.create_subprocess_exec asyncio.loop().subprocess_exec trio.lowlevel.open_process
        """,
        "background",
    ),
    **entries("G205", "asyncio.{create_subprocess_shell, loop().subprocess_shell} anyio.open_process", "shell_line"),
    **entries("G205", "anyio.run_process trio.run_process", "run", 0, "command"),
    **entries(
        "G205",
        """
        _posixsubprocess.fork_exec subprocess._fork_exec multiprocessing.util.spawnv_passfds
        multiprocessing.popen_spawn_posix.Popen
        """,
    ),
    **entries(
        "G205",
        """
        twisted.internet.reactor.spawnProcess twisted.internet.utils.{getProcessOutput, getProcessValue}
        """,
    ),
    **entries("G205", "sh.{bash, sh, zsh, python, python3, perl, Command, sudo, rm, curl, wget, cat}", "call"),
    **entries(
        "G205",
        """
        sarge.{run, capture_stdout} plumbum.cmd.{bash, sh} plumbum.local[] docker.from_env().containers.run
        """,
        "call",
    ),
    **entries("G205", "webbrowser.get", "browser_line", 0, "using"),
    **entries(
        "G205",
        """
        http.server.CGIHTTPRequestHandler webbrowser.{GenericBrowser, BackgroundBrowser}
        """,
    ),
    **entries(
        "G205",
        """
        pip.main pip._internal.{main, cli.main.main, main.main} ensurepip.bootstrap
        setuptools.command.easy_install.main
        """,
        "call",
        severity=_REVIEW,
    ),
    **entries(
        "G205",
        """
        torch.utils.cpp_extension.{load, load_inline} distutils.ccompiler.new_compiler().spawn
        numpy.distutils.exec_command.exec_command asyncio.subprocess.Process
        """,
        "call",
    ),
}

IMPORTS = dict.fromkeys(("pexpect", "_posixsubprocess"), "G204") | {"commands": "G202", "popen2": "G202"}
