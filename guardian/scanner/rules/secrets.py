"""Secret access: files that hold keys, tokens and passwords. Names from the audit event `open`, and whatever else
reads a path that it is given."""

from guardian.scanner.report import Rule, Severity
from guardian.scanner.rules.base import entries

_BLOCK, _REVIEW = Severity.BLOCK, Severity.REVIEW
_INSTEAD = "let the operator hand in the one value that is needed, by an environment variable"

RULES = (
    Rule(
        "G501",
        "open-key",
        _BLOCK,
        "high",
        522,
        "key files: *.key, *.pem, id_rsa, api_key.txt ...",
        "a private key or an API key that a generated script reads is one that it can send away",
        'open("server.key")',
        _INSTEAD,
    ),
    Rule(
        "G502",
        "open-env",
        _BLOCK,
        "high",
        522,
        ".env files, by open or by a library such as python-dotenv",
        "all secrets of the project are in there at once",
        'open(".env")',
        _INSTEAD,
    ),
    Rule(
        "G503",
        "open-token",
        _BLOCK,
        "high",
        522,
        "token, credential, password and secret files",
        "who has the token is the user",
        'open("api_token.txt")',
        _INSTEAD,
    ),
    Rule(
        "G504",
        "open-webhook",
        _BLOCK,
        "high",
        522,
        "files with webhook addresses",
        "a webhook's address is its password",
        'open("webhooks.json")',
        "guardian.client, or the operator's own notifier",
    ),
    Rule(
        "G505",
        "secret-place",
        _BLOCK,
        "medium",
        522,
        "well-known places of secrets: ~/.ssh, ~/.aws, /etc/shadow, browser profiles, shell histories, /proc/*/environ",
        "what is there belongs to the user or the system, never to a generated script",
        'open("/etc/shadow")',
        _INSTEAD,
    ),
    Rule(
        "G506",
        "unknown-path",
        _REVIEW,
        "low",
        73,
        "a file whose name cannot be told from the script",
        "it may be a secret as well as data: unknown is not clean",
        "open(sys.argv[1])",
        "a constant path, or a constant file name in a folder that is handed in",
    ),
)

ENTRIES = {
    **entries("G506", "builtins.open", "open_path", 0, "file"),
    **entries("G506", "pathlib.{Path, Path()}.{open, read_text, read_bytes}", "open_path", 0, "self"),
    **entries(
        "G506",
        """
        codecs.open gzip.{open, GzipFile} bz2.{open, BZ2File} lzma.{open, LZMAFile} tokenize.open io.FileIO
        os.open aiofiles.open anyio.open_file trio.open_file linecache.{getline, getlines} smart_open.open
        fsspec.open fsspec.open_files wave.open zipfile.ZipFile tarfile.open sqlite3.connect dbm.open
        xml.etree.ElementTree.parse lxml.etree.parse netrc.netrc toml.load pytoml.load numpy.{loadtxt,
        genfromtxt, fromfile, memmap} builtins.file importlib.resources.open_text
        importlib.resources.read_text
        """,
        "read_path",
        0,
        "file filename path name",
    ),
    **entries(
        "G506",
        """
        pathlib.Path().{write_text, write_bytes, touch, mkdir, chmod, rename, replace, symlink_to,
        hardlink_to}
        """,
        "write_path",
        0,
        "self",
    ),
    **entries(
        "G506",
        """
        shutil.{copy, copy2, copyfile, copytree, move, copyfileobj} os.{rename, replace, link, symlink,
        sendfile}
        """,
        "copy_path",
    ),
    **entries("G506", "shutil.make_archive", "archived", 2, "root_dir"),
    **entries(
        "G506",
        """
        os.{mkdir, makedirs, chmod, chown, truncate, mknod} shutil.chown
        """,
        "write_path",
        0,
        "path name",
    ),
    **entries(
        "G506",
        """
        configparser.{ConfigParser, RawConfigParser, SafeConfigParser}().read
        """,
        "read_path",
        0,
        "filenames",
    ),
    **entries(
        "G502",
        """
        dotenv.{load_dotenv, dotenv_values, find_dotenv, get_key, set_key, unset_key, main.load_dotenv,
        main.dotenv_values, main.DotEnv} environs.Env().read_env environs.Env.read_env environ.Env.read_env
        environ.Env().read_env decouple.{config, Config, RepositoryEnv, AutoConfig}
        pydantic_settings.DotEnvSettingsSource dotenv_vault.load_dotenv django_dotenv.read_dotenv
        dotenv.read_dotenv envparse.env.read_envfile starlette.config.Config honcho.environ.parse
        """,
        "call",
    ),
    **entries(
        "G501",
        """
        paramiko.{RSAKey, DSSKey, ECDSAKey, Ed25519Key, PKey}.{from_private_key_file, from_path}
        asyncssh.{read_private_key, import_private_key} ssl.SSLContext().load_cert_chain
        ssl.create_default_context().load_cert_chain rsa.PrivateKey.load_pkcs1
        google.oauth2.service_account.Credentials.from_service_account_file
        """,
        "call",
        severity=_REVIEW,
    ),
    **entries(
        "G503",
        """
        keyring.{get_password, get_credential} netrc.netrc huggingface_hub.{get_token, HfFolder.get_token}
        browser_cookie3.{chrome, firefox, load, edge, brave} win32crypt.CryptUnprotectData
        secretstorage.dbus_init huggingface_hub.HfFolder().get_token boto3.Session().get_credentials
        """,
        "call",
    ),
    **entries("G505", "spwd.{getspnam, getspall} crypt.crypt winreg.SaveKey", "call"),
}

IMPORTS = {"dotenv": "G502", "spwd": "G505", "browser_cookie3": "G503"}
