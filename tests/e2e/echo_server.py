# SPDX-License-Identifier: Apache-2.0
"""A service for end-to-end tests: python3 echo_server.py PORT_FILE LOG_FILE

Answers POST with 201, DELETE with 204, anything else with 200; the body repeats the Authorization header, as careless services
do. Each request is a line "METHOD path" in LOG_FILE before it is answered; PORT_FILE appears when it listens.
"""
import http.server
import json
import os
import sys

port_file, log_file = sys.argv[1:]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with open(log_file, "a") as log:
            log.write(f"{self.command} {self.path}\n")
        status = {"POST": 201, "DELETE": 204}.get(self.command, 200)
        body = b"" if status == 204 else json.dumps({"id": "m-1", "you_are": self.headers.get("Authorization")}).encode()
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(port_file + ".new", "w") as file:
    file.write(str(server.server_port))
os.rename(port_file + ".new", port_file)  # whole or not there, never half
server.serve_forever()
