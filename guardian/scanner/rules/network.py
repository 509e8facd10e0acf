"""The network: hosts that are not on the operator's allowlist. Names from the audit events `urllib.Request`,
`socket.connect`, `http.client.connect`, `ftplib.connect`, `smtplib.connect` ..., and from the libraries' own docs."""

from guardian.scanner.report import Rule, Severity
from guardian.scanner.rules.base import entries

_REVIEW = Severity.REVIEW
_INSTEAD = "ask the operator to put the host on the allowlist"

RULES = (
    Rule(
        "G601",
        "urlopen",
        _REVIEW,
        "high",
        918,
        "`urllib.request.urlopen`, sockets and other clients, to a host not allowlisted",
        "data leaves the machine, or code comes in",
        'urllib.request.urlopen("http://example.org")',
        _INSTEAD,
    ),
    Rule(
        "G602",
        "requests",
        _REVIEW,
        "high",
        918,
        "`requests`, `httpx`, `aiohttp` to a host not allowlisted",
        "data leaves the machine, or code comes in",
        'requests.get("http://example.org")',
        _INSTEAD,
    ),
    Rule(
        "G603",
        "url-literal",
        _REVIEW,
        "medium",
        918,
        "a hard-coded address of a host not allowlisted",
        "an address in a script is there to be used",
        'URL = "http://example.org"',
        _INSTEAD,
    ),
)

_VERBS = "{get,post,put,patch,delete,head,options}"
_SEND = "{request,stream,send,build_request,ws_connect,websocket}"

ENTRIES = {
    **entries(
        "G601",
        """
        urllib.request.{urlopen, urlretrieve, Request, URLopener().open, FancyURLopener().open,
        build_opener().open, OpenerDirector().open} urllib.{urlopen, urlretrieve} urllib.request.{URLopener,
        FancyURLopener}().retrieve
        """,
        "url",
        0,
        "url fullurl",
    ),
    **entries(
        "G601",
        """
        socket.create_connection socket.socket().{connect, connect_ex} ssl.get_server_certificate
        ssl.wrap_socket().connect ssl.SSLContext().wrap_socket().connect
        ssl.create_default_context().wrap_socket().connect
        """,
        "address",
        0,
        "address addr",
    ),
    **entries("G601", "socket.socket().sendto", "address", 1, "address"),
    **entries(
        "G601",
        """
        socket.{getaddrinfo, gethostbyname, gethostbyname_ex} dns.resolver.{resolve, query}
        """,
        "host",
        0,
        "host",
    ),
    **entries(
        "G601",
        """
        http.client.{HTTPConnection, HTTPSConnection} ftplib.{FTP, FTP_TLS} smtplib.{SMTP, SMTP_SSL, LMTP}
        imaplib.{IMAP4, IMAP4_SSL} poplib.{POP3, POP3_SSL} nntplib.{NNTP, NNTP_SSL} telnetlib.Telnet
        paramiko.Transport asyncio.open_connection asyncssh.connect httplib.{HTTPConnection,
        HTTPSConnection} telnetlib3.open_connection aioftp.Client pysftp.Connection
        """,
        "host",
        0,
        "host",
    ),
    **entries(
        "G601",
        """
        redis.{Redis, StrictRedis, asyncio.Redis} pymysql.connect MySQLdb.connect mysql.connector.connect
        psycopg.connect psycopg2.connect pymongo.MongoClient pika.ConnectionParameters ldap3.Server
        """,
        "host",
        -1,
        "host hostname",
    ),
    **entries("G601", "paho.mqtt.client.Client().{connect, connect_async} nats.connect", "host", 0, "host servers"),
    **entries(
        "G601",
        """
        boto3.{client, resource, Session().client, Session().resource} boto3.session.Session().{client, resource}
        google.cloud.{storage, bigquery, pubsub_v1}.Client s3fs.S3FileSystem gcsfs.GCSFileSystem
        azure.storage.blob.{BlobServiceClient, BlobClient, ContainerClient} minio.Minio slack_sdk.WebClient
        telegram.Bot telebot.TeleBot discord.Client().run twilio.rest.Client dropbox.Dropbox
        """,
        "call",
    ),
    **entries("G601", "asyncio.loop().create_connection asyncio.loop().sock_connect", "host", 1, "host"),
    **entries(
        "G601",
        """
        paramiko.SSHClient().connect ftplib.FTP().connect smtplib.SMTP().connect telnetlib.Telnet().open
        trio.open_tcp_stream anyio.connect_tcp curio.open_connection gevent.socket.create_connection
        eventlet.connect
        """,
        "host",
        0,
        "hostname host",
    ),
    **entries(
        "G601",
        """
        xmlrpc.client.{ServerProxy, Server} xmlrpclib.ServerProxy websocket.create_connection
        websocket.WebSocketApp websockets.connect websockets.client.connect websockets.sync.client.connect
        webbrowser.{open, open_new, open_new_tab} wget.download pycurl.Curl().setopt
        socketio.Client().connect grpc.{insecure_channel, secure_channel} tornado.httpclient.{HTTPClient,
        AsyncHTTPClient}().fetch scrapy.Request selenium.webdriver.Chrome().get pytube.YouTube
        feedparser.parse suds.client.Client zeep.Client nltk.download gdown.download
        """,
        "url",
        0,
        "url uri id",
    ),
    **entries(
        "G601",
        """
        urllib3.{request, PoolManager().request, PoolManager().urlopen, HTTPConnectionPool,
        HTTPSConnectionPool, PoolManager().request_encode_body, connection_from_url}
        """,
        "url_second",
    ),
    **entries(
        "G602",
        """
        requests.{get, post, put, patch, delete, head, options} requests.Session().{get, post, put, patch,
        delete, head, options} requests.Request
        """,
        "url",
        0,
        "url",
    ),
    **entries("G602", "requests.request requests.Session().request requests.Request", "url", 1, "url"),
    **entries(
        "G602",
        """
        httpx.{get, post, put, patch, delete, head, options} httpx.{Client, AsyncClient}().{get, post, put,
        patch, delete, head, options}
        """,
        "url",
        0,
        "url",
    ),
    **entries(
        "G602",
        """
        httpx.{request, stream} httpx.{Client, AsyncClient}().{request, stream, send, build_request,
        ws_connect, websocket}
        """,
        "url",
        1,
        "url",
    ),
    **entries("G602", "httpx.{Client, AsyncClient}", "base_url", -1, "base_url"),
    **entries(
        "G602",
        """
        aiohttp.ClientSession().{get, post, put, patch, delete, head, options}
        aiohttp.ClientSession().ws_connect niquests.{get, post, put, patch, delete, head, options}
        curl_cffi.requests.{get, post, put, patch, delete, head, options}
        cloudscraper.create_scraper().{get, post, put, patch, delete, head, options} httplib2.Http().request
        requests_html.HTMLSession().{get, post, put, patch, delete, head, options} grequests.{get, post,
        put, patch, delete, head, options} requests_futures.sessions.FuturesSession().{get, post, put,
        patch, delete, head, options} treq.{get, post, put, patch, delete, head, options} asks.{get, post,
        put, patch, delete, head, options} primp.Client().{get, post, put, patch, delete, head, options}
        """,
        "url",
        0,
        "url str_or_url uri",
    ),
    **entries("G602", "aiohttp.request aiohttp.ClientSession().request niquests.request", "url", 1, "url"),
    **entries("G602", "aiohttp.ClientSession", "base_url", 0, "base_url"),
}

IMPORTS: dict[str, str] = {}
