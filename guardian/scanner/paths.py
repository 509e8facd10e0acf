"""Which files a path may be, by name alone: keys, .env files, tokens, webhooks, well-known places, system folders."""

from __future__ import annotations

import re

from guardian.scanner.text import Parts, origins, shown
from guardian.scanner.values import Unknown

_KEY_SUFFIXES = frozenset(["key", "pem", "p12", "pfx", "ppk", "jks", "keystore", "kdbx", "asc", "gpg", "pk8", "der"])
_SSH_KEYS = re.compile(r"id_(rsa|dsa|ecdsa|ed25519)(_sk)?(\.(?!pub$)\w+)?$")
_ENV = re.compile(r"(^|.*[^a-z])\.env(\.[\w-]+)?$|.+\.env$|\.envrc$|\.flaskenv$")
_ENV_HARMLESS = re.compile(r"\.(example|sample|template|dist|tpl|tmpl|schema|md)$")
_TOKEN_FILES = re.compile(
    r"(\.netrc|_netrc|\.pgpass|\.htpasswd|\.npmrc|\.pypirc|\.git-credentials|\.my\.cnf|\.dockercfg|kubeconfig|\.vault-token|"
    r"\.boto|\.s3cfg|\.rclone\.conf|application_default_credentials\.json|client_secrets?\.json|service[-_]?account.*\.json|"
    r"secrets?(\.(json|ya?ml|toml|txt|ini|cfg|conf|py|enc))?|credentials?(\.(json|ya?ml|toml|txt|ini|cfg|csv|db))?|"
    r"(passwords?|passwd|passphrase)(\.(json|ya?ml|toml|txt|ini|cfg|csv|db))?|"
    r"cookies(\.(sqlite|json|txt|db))?|login data)$"
)
_WORDS = re.compile(r"[a-z0-9]+")
_CAMEL = re.compile(r"([a-z0-9])([A-Z])")
_DATA = frozenset(
    ["csv", "tsv", "parquet", "png", "jpg", "jpeg", "md", "rst", "html", "py", "ipynb", "log", "feather", "xlsx"]
)
_QUALIFIED = frozenset(
    [
        "api",
        "private",
        "priv",
        "secret",
        "access",
        "ssh",
        "rsa",
        "signing",
        "encryption",
        "master",
        "server",
        "client",
        "deploy",
        "host",
        "aes",
        "ssl",
        "tls",
        "gpg",
        "pgp",
        "jwt",
        "aws",
        "gcp",
        "azure",
        "openai",
        "stripe",
        "github",
        "gitlab",
        "service",
        "account",
        "admin",
        "root",
        "user",
        "license",
        "license",
    ]
) - {"license", "user"}
_KEY_WORDS = frozenset(
    [
        "apikey",
        "apikeys",
        "privatekey",
        "secretkey",
        "privkey",
        "accesskey",
        "sshkey",
        "masterkey",
        "keyfile",
        "keyring",
        "keychain",
    ]
)
_TOKEN_WORDS = frozenset(["token", "tokens", "authtoken", "accesstoken", "apitoken", "bearer"])
_TOKEN_TAIL = frozenset(
    [
        "file",
        "secret",
        "cache",
        "store",
        "backup",
        "bak",
        "old",
        "new",
        "json",
        "txt",
        "dat",
        "prod",
        "dev",
        "test",
        "local",
    ]
) | {""}
_TOKEN_HARMLESS = frozenset(["special", "added", "count", "counts", "map"])
_SECRET_PLACES = re.compile(
    r"(/|^)(\.ssh(/|$)(?!known_hosts|config)|\.aws(/|$)|\.gnupg(/|$)|\.kube/config|\.docker/config\.json|\.azure(/|$)|"
    r"\.config/(gcloud|gh|op|google-chrome|chromium|brave|hub)\b|\.mozilla(/|$)|\.thunderbird(/|$)|"
    r"\.(bash|zsh|python|sqlite|psql|mysql|node_repl|rediscli|fish|lesshst)_?(history|hst)$|fish_history$|"
    r"\.password-store(/|$)|\.electrum(/|$)|\.bitcoin(/|$)|wallet\.dat$|keychains?(/|$)|login data$|"
    r"(google|chromium|brave-browser|microsoft).*(/user data|/default|/profile)|firefox/profiles)|"
    r"^/etc/(shadow|gshadow|sudoers|ssh/ssh_host\w*|krb5\.keytab|ssl/private)|^/proc/(self|\d+|…|\*|thread-self)/(environ|mem|maps)|"
    r"^/root(/|$)|^/var/run/secrets|^/run/secrets|/var/run/docker\.sock|^/dev/(mem|kmem|sd[a-z])|^/var/lib/(cloud|kubelet)|"
    r"(^|/)(ntds\.dit|sam|system32/config)"
)
_SYSTEM = re.compile(
    r"^(/etc|/bin|/sbin|/usr|/boot|/lib|/lib64|/sys|/proc|/dev(?!/(null|stdout|stderr|shm|tty|fd)\b)|/var/spool/cron|/opt|/root|"
    r"[a-z]:/windows|[a-z]:/program files)(/|$)|"
    r"(^|/)\.(bashrc|bash_profile|profile|zshrc|zprofile|bash_logout|ssh/authorized_keys|config/autostart|config/systemd|"
    r"gitconfig|pythonrc|vimrc|xinitrc|xprofile)|(^|/)(sitecustomize|usercustomize)\.py$|\.pth$|/crontabs?/|launchagents/|/startup/"
)
_STDIN = re.compile(r"^/dev/(stdin|tty|fd/0|console|pts/.*)$|^/proc/(self|thread-self|\d+)/fd/0$|^con(in\$)?$|^-$")


def secret(parts: Parts) -> str | None:
    """The rule that such a file falls under; unknown pieces stand for anything, but prove nothing."""
    found = _secret(shown(parts))
    if (
        found is None
        and any(isinstance(each, Unknown) for each in parts)
        and any(isinstance(each, str) for each in parts)
    ):
        found = _secret("".join(each for each in parts if isinstance(each, str)))  # what is not known may be nothing
    return found


def _secret(text: str) -> str | None:
    text = text.replace("\\", "/").strip()
    while "//" in text:
        text = text.replace("//", "/")
    lower = text.lower().rstrip("/")
    if _SECRET_PLACES.search(lower):
        return "G505" if not _SSH_KEYS.search(lower) else "G501"
    name = text.rpartition("/")[2]
    return _by_name(name)


def _by_name(name: str) -> str | None:
    lower = name.lower().rstrip(" .\0")
    stem, _, suffix = lower.partition(".") if not lower.startswith(".") else ("", "", lower[1:])
    suffix = lower.rpartition(".")[2] if "." in lower else ""
    if _ENV.match(lower) and not _ENV_HARMLESS.search(lower):
        return "G502"
    if "webhook" in lower and suffix not in _DATA:
        return "G504"
    if suffix == "pub" or lower in ("cacert.pem", "cert.pem", "ca.pem", "chain.pem", "fullchain.pem"):
        return None
    if suffix in _KEY_SUFFIXES or _SSH_KEYS.search(lower):
        return "G501"
    if _TOKEN_FILES.match(lower):
        return "G503"
    if suffix in _DATA:
        return None
    return _by_words(_CAMEL.sub(r"\1_\2", name).lower(), stem)


def _by_words(name: str, stem: str) -> str | None:
    base = name.rpartition(".")[0] if "." in name.lstrip(".") else name
    words = _WORDS.findall(base)
    if _KEY_WORDS & set(words) or stem in ("key", "keys"):
        return "G501"
    for index, word in enumerate(words):
        before, after = words[index - 1] if index else "", words[index + 1] if index + 1 < len(words) else ""
        if word in ("key", "keys") and before in _QUALIFIED:
            return "G501"
        if word in _TOKEN_WORDS and after in _TOKEN_TAIL and before not in _TOKEN_HARMLESS:
            return "G503"
        if word in ("secret", "secrets", "credential", "credentials", "password", "passwords", "passwd") and not after:
            return "G503"
    return None


def unknown(parts: Parts) -> bool:
    """Whether it may well be a secret file: nothing is known of its last piece."""
    if not parts:
        return False
    last = parts[-1]
    if isinstance(last, Unknown):
        return not origins(parts) <= {"temporary", "script", "executable"} and last.origin not in (
            "temporary",
            "script",
        )
    name = last.rpartition("/")[2]
    return not name and isinstance(parts[-1], str) and False


def system(parts: Parts) -> bool:
    return bool(_SYSTEM.search(shown(parts).replace("\\", "/").lower()))


def is_stdin(parts: Parts) -> bool:
    return bool(_STDIN.match(shown(parts).lower())) and shown(parts) != "-"
