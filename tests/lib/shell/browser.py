#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""A browser without a window, controlled through the HTTP interface of chromedriver.

    browser.py DIR open URL           starts a session with its own profile below DIR
    browser.py DIR js EXPRESSION      evaluates it in the page, prints the value as JSON
    browser.py DIR await SECONDS EXPRESSION    waits until it is true; else exit status 1
    browser.py DIR size WIDTH HEIGHT  emulates a screen of this size (a phone if WIDTH < 600)
    browser.py DIR scheme dark|light  sets the preferred colour scheme
    browser.py DIR key NAME...        presses keys: Tab, Enter, Space, ArrowLeft, ...
    browser.py DIR shot FILE [HEIGHT] saves a picture of the page, or of its top HEIGHT pixels
    browser.py DIR console            prints the messages of the console, a line each
    browser.py DIR requests           prints the URLs that the page requested, a line each
    browser.py DIR close              ends the session

chromedriver must listen on 127.0.0.1:9515 in the same network namespace. No answer may take longer than
15 s times TEST_PATIENCE (4).
"""
import base64
import http.client
import json
import os
import pathlib
import sys
import time

PORT = 9515
TIMEOUT_S = 15 * int(os.environ.get("TEST_PATIENCE", "4"))
KEYS = {"Tab": "\ue004", "Enter": "\ue007", "Space": " ", "ArrowLeft": "\ue012", "ArrowRight": "\ue014",
        "Shift": "\ue008", "Escape": "\ue00c"}
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars"]


def request(method, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=TIMEOUT_S)
    connection.request(method, path, None if body is None else json.dumps(body),
                       {"Content-Type": "application/json"})
    value = json.loads(connection.getresponse().read())["value"]
    if isinstance(value, dict) and "error" in value:
        sys.exit(f"browser: {value['error']}: {value['message']}")
    return value


class Browser:
    def __init__(self, directory):
        self.home = pathlib.Path(directory)
        self.session_file = self.home / "session"

    def request(self, method, path, body=None):
        return request(method, f"/session/{self.session_file.read_text()}{path}", body)

    def devtools(self, command, **parameters):
        return self.request("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def evaluate(self, expression):
        return self.request("POST", "/execute/sync", {"script": f"return ({expression});", "args": []})

    def open(self, url):
        self.home.mkdir(exist_ok=True)
        capabilities = {
            "browserName": "chrome",
            "goog:chromeOptions": {"args": FLAGS + [f"--user-data-dir={self.home}/profile"]},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }
        session = request("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})
        self.session_file.write_text(session["sessionId"])
        self.request("POST", "/url", {"url": url})

    def js(self, expression):
        print(json.dumps(self.evaluate(expression), ensure_ascii=False))

    def wait(self, seconds, expression):
        end = time.monotonic() + float(seconds)
        while not self.evaluate(expression):
            if time.monotonic() > end:
                sys.exit(f"browser: not within {seconds} s: {expression}")
            time.sleep(0.1)

    def size(self, width, height):
        self.devtools("Emulation.setDeviceMetricsOverride", width=int(width), height=int(height),
                      deviceScaleFactor=1, mobile=int(width) < 600)

    def scheme(self, name):
        self.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": name}])

    def key(self, *names):
        for name in names:
            strokes = [{"type": kind, "value": KEYS[name]} for kind in ("keyDown", "keyUp")]
            self.request("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": strokes}]})

    def shot(self, file, height="1e9"):
        size = self.evaluate("{width: innerWidth, height: document.documentElement.scrollHeight}")
        size["height"] = min(size["height"], float(height))
        picture = self.devtools("Page.captureScreenshot", format="png", captureBeyondViewport=True,
                                clip={"x": 0, "y": 0, "scale": 1, **size})
        pathlib.Path(file).write_bytes(base64.b64decode(picture["data"]))

    def log(self, kind):
        """All entries so far; the driver returns each entry only once."""
        kept = self.home / kind
        with kept.open("a") as file:
            for entry in self.request("POST", "/se/log", {"type": kind}):
                file.write(json.dumps(entry) + "\n")
        return [json.loads(line) for line in kept.read_text().splitlines()]

    def console(self):
        for entry in self.log("browser"):
            print(entry["level"], entry["message"].replace("\n", " "))

    def requests(self):
        for entry in self.log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                print(message["params"]["request"]["url"])

    def close(self):
        self.request("DELETE", "")


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    command = {"await": "wait"}.get(sys.argv[2], sys.argv[2])
    getattr(Browser(sys.argv[1]), command)(*sys.argv[3:])


if __name__ == "__main__":
    main()
