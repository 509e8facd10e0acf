"""Redis URLs as each library reads them. Quick to load: a client has need of it."""

from urllib.parse import parse_qsl, quote, urlencode, urlsplit


def broker_url(url: str) -> str:
    """A Redis URL as redis-py reads it (redis://, rediss://, unix://) in the form that Celery reads."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    if parts.scheme == "rediss":
        query.setdefault("ssl_cert_reqs", "required")
        return parts._replace(query=urlencode(query)).geturl()
    if parts.scheme != "unix":
        return url
    credentials = parts.netloc if "@" in parts.netloc else ""
    path = quote(parts.path, safe="/%")
    return f"redis+socket://{credentials}{path}?virtual_host={query.get('db', '0')}"
