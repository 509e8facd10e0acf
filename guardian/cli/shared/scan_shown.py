"""What `guardian scan` prints of what it found, and the exit code that it ends with. Needs no click."""

from guardian.cli.shared import scan_text
from guardian.cli.shared.lines import err, out
from guardian.cli.shared.scanning import Scanned
from guardian.diagnose.plain import plain
from guardian.scanner.policy import Policy
from guardian.scanner.report import Severity

_SEVERITIES = tuple(Severity)


def show(done: Scanned, policy: Policy, source: str, *, shape: str = "text", fail_on: str = "review") -> int:
    """The exit code; `source`: where the policy is from."""
    {"text": _text, "json": _json, "sarif": _sarif}[shape](done, policy, source)
    for line in done.errors:
        err(line)
    limit = _SEVERITIES.index(Severity(fail_on))
    bad = any(_SEVERITIES.index(each.severity) >= limit for report in done.reports for each in report.findings)
    return 2 if done.errors else 1 if bad else 0


def _text(done: Scanned, policy: Policy, source: str) -> None:
    for report in done.reports:
        for line in scan_text.lines(report):
            out(line)
        for each in report.excepted:
            out(scan_text.excepted_line(report.path, each))
    for idle in done.unused if done.folders else ():
        where = idle.path or (idle.sha256 or "")[:12]
        out(plain(f"{idle.source}: exception of {idle.rule} for {where} is unused or over ({idle.reason})"))
    counts = [
        (verdict, sum(report.verdict == verdict for report in done.reports)) for verdict in ("block", "review", "allow")
    ]
    told = (
        ", ".join(f"{count} {scan_text.verdict_text(verdict)}" for verdict, count in counts if count)
        or "nothing to scan"
    )
    out(f"{_files(len(done.reports))}: {told}")
    out(plain(f"policy {policy.version} ({source}), {done.seconds:.2f} s"))
    if done.left_out:
        names = ", ".join(sorted(done.left_out)[:3]) + (", ..." if len(done.left_out) > 3 else "")  # noqa: PLR2004
        out(plain(f"left out ({len(done.left_out)}, --all scans them): {names}"))


def _files(count: int) -> str:
    return f"{count} file{'' if count == 1 else 's'}"


def _json(done: Scanned, policy: Policy, source: str) -> None:
    from dataclasses import asdict

    from guardian.cli.shared.output import show_json

    show_json(
        {
            "verdict": done.verdict,
            "policy": policy.version,
            "policy_source": source,
            "files": [dict(report.as_json()) for report in done.reports],
            "errors": list(done.errors),
            "left_out": sorted(done.left_out),
            "unused_exceptions": [
                {**asdict(each), "expires": each.expires.isoformat() if each.expires else None} for each in done.unused
            ],
            "seconds": done.seconds,
        }
    )


def _sarif(done: Scanned, _policy: Policy, _source: str) -> None:
    from guardian.cli.shared.output import show_json
    from guardian.cli.shared.sarif import document
    from guardian.scanner import rules

    show_json(document(done.reports, rules(), done.errors))
