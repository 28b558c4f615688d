"""A `waggle serve` of the tests: started on a free port, asked over plain HTTP, killed or stopped."""

import atexit
import http.client
import json
import re
import signal
import subprocess
import threading


class Served:
    """A server, and how to reach it."""

    def __init__(self, binary, data, store, *flags):
        command = [binary, "serve", "--listen", "127.0.0.1:0", "--data", data, "--store", store, *flags]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        # Whatever goes wrong in a test, no server stays behind.
        atexit.register(self.process.kill)
        self.said = []
        for line in self.process.stderr:
            self.said.append(line)
            found = re.search(r"http://([\d.]+):(\d+)", line)
            if found:
                self.host, self.port = found[1], int(found[2])
                break
        else:
            raise SystemExit("the server did not start:\n" + "".join(self.said))
        # A pipe that nobody reads would stop the server.
        threading.Thread(target=lambda: self.said.extend(self.process.stderr), daemon=True).start()

    @property
    def url(self):
        return f"http://{self.host}:{self.port}"

    def kill(self):
        """As a power cut would: nothing is finished."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        """As an administrator would; the exit code is that of the server."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


class Client:
    """One connection."""

    def __init__(self, served, timeout=60):
        self.connection = http.client.HTTPConnection(served.host, served.port, timeout=timeout)

    def send(self, method, path, body=None, headers=None):
        """Status, headers and the body as JSON, where it is any."""
        text = None if body is None else json.dumps(body)
        headers = {**({"content-type": "application/json"} if body is not None else {}), **(headers or {})}
        self.connection.request(method, path, text, headers)
        response = self.connection.getresponse()
        data = response.read()
        try:
            return response.status, response.headers, json.loads(data) if data else None
        except ValueError:
            return response.status, response.headers, data

    def session(self):
        status, _, body = self.send("POST", "/v1/sessions", {"locale": "ko"})
        assert status == 200, (status, body)
        return body["id"]

    def say(self, session, text, headers=None):
        return self.send("POST", f"/v1/sessions/{session}/messages", {"text": text}, headers)
