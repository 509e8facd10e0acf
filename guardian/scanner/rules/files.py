"""File system, input, other processes. Names from the audit events `shutil.rmtree`, `os.remove`, `os.kill` and
`builtins.input`, and from the libraries' own docs."""

from guardian.scanner.report import Rule, Severity
from guardian.scanner.rules.base import entries

_BLOCK, _REVIEW = Severity.BLOCK, Severity.REVIEW

RULES = (
    Rule(
        "G401",
        "rmtree",
        _BLOCK,
        "high",
        73,
        "`shutil.rmtree` and whatever else deletes a folder with all that is below it",
        "one wrong path, and the work of others is gone",
        "shutil.rmtree(path)",
        "remove the files that the script made, one by one; tempfile.TemporaryDirectory for scratch space",
    ),
    Rule(
        "G402",
        "input",
        _BLOCK,
        "high",
        400,
        "`input` and other reading from the terminal",
        "nobody sits there: the agent waits for ever",
        'input("name? ")',
        "an argument, an environment variable or a file",
    ),
    Rule(
        "G403",
        "system-write",
        _BLOCK,
        "medium",
        732,
        "writing into folders of the system or start-up files of the user",
        "what is written there is run later, by others and with more rights",
        'open("/etc/cron.d/job", "w")',
        "write below the working folder",
    ),
    Rule(
        "G404",
        "kill",
        _REVIEW,
        "medium",
        250,
        "ending processes that the script did not start",
        "it may end the supervisor, another agent or the desktop",
        "os.kill(pid, signal.SIGKILL)",
        "Popen.terminate of a process that the script started itself",
    ),
)

ENTRIES = {
    **entries(
        "G401",
        """
        shutil.rmtree distutils.dir_util.remove_tree setuptools._distutils.dir_util.remove_tree
        fs.removetree test.support.os_helper.{rmtree, _rmtree} test.support.rmtree
        tempfile.{TemporaryDirectory, TemporaryDirectory()}._rmtree pip._internal.utils.misc.rmtree path.Path().rmtree
        path.Path().rmtree_p send2trash.send2trash aioshutil.rmtree anyio.rmtree os.removedirs
        fsspec.filesystem().rm upath.UPath().rmdir hdfs.InsecureClient().delete
        setuptools.archive_util.rmtree nox.Session().rmtree
        """,
    ),
    **entries("G401", "os.{remove, unlink, rmdir} pathlib.Path().{unlink, rmdir}", "remove", 0, "path"),
    **entries(
        "G402",
        """
        builtins.{input, raw_input} sys.stdin getpass.{getpass, unix_getpass, win_getpass, fallback_getpass,
        _raw_input}
        """,
    ),
    **entries("G402", "fileinput.{input, FileInput}", "stdin_default", 0, "files"),
    **entries(
        "G402",
        """
        click.{prompt, confirm, getchar, pause, edit, get_text_stream, get_binary_stream} typer.{prompt,
        confirm} rich.prompt.{Prompt, Confirm, IntPrompt, FloatPrompt}.ask rich.console.Console().input
        rich.get_console().input rich.prompt.{Prompt, Confirm}.get_input prompt_toolkit.{prompt,
        PromptSession} prompt_toolkit.shortcuts.prompt questionary.{text, confirm, select, password}
        inquirer.prompt pwinput.pwinput getch.getch readchar.{readchar, readkey, readline} msvcrt.{getch,
        getche, getwch} curses.{wrapper, initscr} tty.{setraw, setcbreak}
        code.InteractiveConsole().raw_input cmd.Cmd().cmdloop keyboard.read_key pyinputplus.inputStr
        builtins.help maskpass.askpass stdiomask.getpass PyInquirer.prompt easygui.enterbox pyautogui.prompt
        tkinter.simpledialog.{askstring, askinteger} six.moves.input streamlit.chat_input
        """,
        "call",
    ),
    **entries("G402", "os.{read, fdopen, dup, readv} socket.fromfd", "descriptor"),
    **entries("G402", "socket.{socket, SocketType}", "descriptor", 3, "fileno"),
    **entries("G404", "os.{kill, killpg} signal.{pidfd_send_signal, pthread_kill}", "kill"),
    **entries(
        "G404",
        """
        psutil.{Process(), process_iter()[], wait_procs()[]}.{kill, terminate, send_signal, suspend}
        psutil.Process.{kill, terminate, send_signal, suspend}
        """,
        "call",
    ),
}

IMPORTS: dict[str, str] = {}
