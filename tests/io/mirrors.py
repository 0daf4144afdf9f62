"""A web server on this machine whose paths are the ways in which a mirror can fail."""

import contextlib
import http.server
import threading

DATA = bytes(range(256)) * 4000
SIZE = len(DATA)


class Handler(http.server.BaseHTTPRequestHandler):
    """Paths choose the behaviour; `server.seen` lists (path, Range header)."""

    def do_GET(self):
        given = self.headers.get("Range")
        self.server.seen.append((self.path, given))
        offset = int(given[6:-1]) if given else 0
        getattr(self, "send_" + self.path.strip("/"))(offset)

    def answer(self, status, body, length=None, headers=()):
        self.send_response(status)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for header in headers:
            self.send_header(*header)
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            pass  # the client hung up, as it should for a body too long

    def send_good(self, offset):
        if offset >= SIZE:
            self.send_error(416)
        elif offset:
            span = ("Content-Range", f"bytes {offset}-{SIZE - 1}/{SIZE}")
            self.answer(206, DATA[offset:], SIZE - offset, [span])
        else:
            self.answer(200, DATA, SIZE)

    def send_rangeless(self, offset):
        self.answer(200, DATA, SIZE)

    def send_wrongrange(self, offset):
        span = ("Content-Range", f"bytes 0-{SIZE - 1}/{SIZE}")
        self.answer(206, DATA, SIZE, [span])

    def send_wrong(self, offset):
        self.answer(200, b"<html>please log in</html>", 26)

    def send_truncated(self, offset):
        self.answer(200, DATA[: SIZE // 2], SIZE)

    def send_huge(self, offset):
        self.answer(200, b"", 10**13)

    def send_endless(self, offset):
        self.answer(200, DATA * 40)

    def send_nolength(self, offset):
        self.answer(200, DATA)

    def send_missing(self, offset):
        self.send_error(404)

    def send_garbled(self, offset):
        self.wfile.write(b"what is HTTP?\r\n\r\n")

    def send_silent(self, offset):
        self.server.hold.wait(5)

    def send_drip(self, offset):
        self.send_response(200)
        self.end_headers()
        for _ in range(500):
            try:
                self.wfile.write(b"x")
            except OSError:
                return
            self.server.hold.wait(0.01)

    def send_nonumber(self, offset):
        self.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Length: \xb2\r\n\r\n" + DATA)

    def send_endlessnumber(self, offset):
        self.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\nx")

    def send_escapes(self, offset):
        self.wfile.write(b"\x1b[2J" + b"x" * 1000 + b"\r\n\r\n")

    def send_tofile(self, offset):
        self.answer(302, b"", 0, [("Location", "file:///etc/hostname")])

    def send_toftp(self, offset):
        self.answer(302, b"", 0, [("Location", "ftp://127.0.0.1/data.bin")])

    def send_tonobody(self, offset):
        self.answer(302, b"", 0, [("Location", "http://a..b/")])

    def send_togood(self, offset):
        self.answer(302, b"", 0, [("Location", "/good")])

    def send_slow(self, offset):
        self.server.hold.wait(5)
        self.send_good(offset)

    def log_message(self, *args):
        pass


@contextlib.contextmanager
def serving():
    """Run a server of `Handler` on a free port; those it holds are let go at the end."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.seen = []
    server.hold = threading.Event()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.hold.set()
        server.shutdown()
        thread.join()
        server.server_close()
