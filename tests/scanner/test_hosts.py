"""What host a URL goes to, and that no client would go to another one."""

from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import example, given
from hypothesis import strategies as st
from urllib3.util import parse_url

from guardian.scanner.hosts import allowed, entry, host_of

LIST = ("github.com", "*.example.com", "xn--bcher-kva.example", "10.0.0.5", "::1")


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com",
        "https://github.com/a/b?c=d#e",
        "HTTPS://GitHub.COM/",
        "https://github.com./",
        "https://github.com:443/a",
        "http://github.com",
        "wss://github.com/live",
        "https://user:pw@github.com/",
        "https://github.com/?next=https://evil.test/@x",
        "https://github.com/a\\b",
        "https://a.example.com/",
        "https://b.a.example.com",
        "https://b\u00fccher.example/",
        "https://xn--bcher-kva.example/",
        "http://10.0.0.5:8080/",
        "http://[::1]:8080/",
        "http://[0:0:0:0:0:0:0:1]/",
    ],
)
def test_a_listed_host_is_allowed_however_it_is_written(url: str) -> None:
    assert allowed(url, LIST)


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.test/",
        "https://github.com.evil.test/",
        "https://evilgithub.com/",
        "https://sub.github.com/",
        "https://example.com/",  # `*.` is what is below
        "https://badexample.com/",
        "https://github.com@evil.test/",
        "https://github.com:443@evil.test/",
        "https://evil.test@evil.test@github.com/",
        "https://github.com\\@evil.test/",
        "https://evil.test\\@github.com/",
        "https://evil.test\\.github.com/",
        "https:\\\\github.com/",
        "https:github.com",
        "https:/github.com",
        "https:///github.com",
        "//github.com/",
        "github.com",
        "ftp://github.com/",
        "file://github.com/etc/passwd",
        "https://github.com?@evil.test/",
        "https://github.com#@evil.test/",
        "https://github.com?\\@evil.test/",
        " https://github.com/",
        "https://git\thub.com/",
        "https://github.com\n/",
        "https://github.com\x00/",
        "https://git hub.com/",
        "https://github.com:0/",
        "https://github.com:65536/",
        "https://github.com:\uff1443/",
        "https://github.com:/",
        "https://github.com:80:80/",
        "https://github.com../",
        "https://.github.com/",
        "https://git%68ub.com/",
        "https://github\u3002com/",
        "https://github\uff0ecom/",
        "https://\uff47ithub.com/",
        "https://\u0261ithub.com/",
        "https://githu\u200bb.com/",
        "https://fa\u00df.example/",
        "http://0x0a000005/",
        "http://167772165/",
        "http://012.0.0.5/",
        "http://10.5/",
        "http://10.0.0.5.6/",
        "http://[::1%25eth0]/",
        "http://[::1/",
        "http://[::1]x/",
        "http://::1/",
        "",
        "https://",
        "https://?",
        "https://" + "a" * 70_000 + "/",
        "https://github.com?" + "a" * 70_000 + "@evil.test",
    ],
)
def test_everything_else_is_not(url: str) -> None:
    assert not allowed(url, LIST)


@pytest.mark.parametrize(
    ("begin", "is_allowed"),
    [
        ("https://github.com/", True),
        ("https://github.com/a", True),
        ("https://github.com", False),
        ("https://github.com?", False),
        ("https://github.com:443", False),
    ],
)
def test_a_url_that_goes_on_is_allowed_only_where_its_host_is_over(begin: str, is_allowed: bool) -> None:
    assert allowed(begin, LIST, open_ended=True) is is_allowed


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("GitHub.com", "github.com"),
        ("github.com.", "github.com"),
        ("*.Example.com", "*.example.com"),
        ("b\u00fccher.example", "xn--bcher-kva.example"),
        ("10.0.0.5", "10.0.0.5"),
        ("[::1]", "::1"),
        ("0:0::1", "::1"),
    ],
)
def test_an_entry_has_one_form(written: str, kept: str) -> None:
    assert entry(written) == kept


@pytest.mark.parametrize(
    "written",
    ["", "*", "*.", "https://github.com", "github.com/a", "github.com:443", "a b", "g*.com", "*.10.0.0.5", "*.::1",
     "0x7f.1", "a@b", "github\u3002com", "fa\u00df.de", "-a.com"],
)  # fmt: skip
def test_what_is_no_host_is_no_entry(written: str) -> None:
    with pytest.raises(ValueError, match=r"is no host|has nothing below"):
        entry(written)


_CROOKED = st.text(st.sampled_from("@:/\\?#.%[]ab1\t 0x\u3002\uff0e\uff47-"), max_size=12)


@given(
    st.builds(lambda *parts: "".join(parts), st.sampled_from(["https://", "http://", "HTTPS://", "https:"]), _CROOKED,
              st.sampled_from(["", "a.test", "github.com", "10.0.0.5", "[::1]"]), _CROOKED)
)  # fmt: skip
@example("https://[::1]1")
@example("https://a\\@github.com/")
@example("https://a@b@github.com/")
@example("https://github.com#@a")
def test_a_host_that_is_read_is_the_one_that_clients_go_to(url: str) -> None:
    host = host_of(url)
    if host is None:
        return
    found = {urlsplit(url).hostname, _host(parse_url(url).host), _host(parse_url(_prepared(url)).host)}
    assert {_host(each) for each in found} == {host}


def _prepared(url: str) -> str:
    return requests.Request("GET", url).prepare().url or ""


def _host(name: str | None) -> str:
    bare = (name or "").strip("[]").removesuffix(".").lower()
    return host_of(f"http://[{bare}]/") or "" if ":" in bare else bare
