"""A tiny AWS on a loopback port whose answers a test scripts, operation by operation."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from urllib.parse import parse_qsl

Answer = tuple[int, str]
Script = Callable[[str, Mapping[str, str], int], Answer]
"""(operation, form or JSON members as text, how often it was asked before) -> status and body."""

IDENTITY = (
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    "<Arn>arn:aws:iam::111122223333:user/recorder</Arn><UserId>AIDAEXAMPLE</UserId>"
    "<Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
)


def ec2(operation: str, inner: str) -> Answer:
    return (
        200,
        f'<{operation}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">{inner}</{operation}Response>',
    )


def ec2_error(code: str, status: int = 403) -> Answer:
    return (
        status,
        f"<Response><Errors><Error><Code>{code}</Code><Message>no</Message></Error></Errors></Response>",
    )


@contextmanager
def stub_aws(script: Script, identity: Answer = (200, IDENTITY)) -> Iterator[tuple[str, list[str]]]:
    """Yield the URL and the list of operations asked so far."""
    asked: list[str] = []
    lock = Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            target = self.headers.get("X-Amz-Target", "")
            members = {} if target else dict(parse_qsl(body))
            if target and body:
                members = {key: str(value) for key, value in json.loads(body).items()}
            operation = members.get("Action") or target.rpartition(".")[2] or f"{self.command} {self.path}"
            with lock:
                before = asked.count(operation)
                asked.append(operation)
            answer = identity if operation == "GetCallerIdentity" else script(operation, members, before)
            self.send_response(answer[0])
            data = answer[1].encode()
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        do_GET = do_HEAD = do_PUT = do_POST  # noqa: N815 - the names that http.server calls

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
