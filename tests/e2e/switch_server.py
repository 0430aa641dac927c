# SPDX-License-Identifier: Apache-2.0
"""A service that answers 200 until a file `broken` stands in its folder, and the receiving end of pages.

switch_server.py FOLDER: writes its port to FOLDER/port. GET answers 200, or 503 while FOLDER/broken exists. POST appends the body
as one line to FOLDER/pages and answers 200.
"""
import http.server
import os
import socketserver
import sys

folder = sys.argv[1]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(503 if os.path.exists(folder + "/broken") else 200, b"{}")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        with open(folder + "/pages", "ab") as pages:
            pages.write(body.replace(b"\n", b" ") + b"\n")
        self.answer(200)

    def log_message(self, *arguments):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True


server = Server(("127.0.0.1", 0), Handler)
open(folder + "/pages", "a").close()
with open(folder + "/port.new", "w") as port:
    port.write(str(server.server_address[1]))
os.rename(folder + "/port.new", folder + "/port")
server.serve_forever()
