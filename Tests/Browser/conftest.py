"""What all browser tests share: a server with its console, and a browser that trusts its certificate."""

import json
import os
import pathlib
import random
import signal
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = str(pathlib.Path(os.environ.get("PHAROS_SCIM", ROOT / ".build/debug/pharos-scim")).resolve())
SHOTS = ROOT / ".build/browser/screenshots"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"


def free_port():
    """A port that nobody listens on, and that the system gives to no outgoing connection before it is used."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class Server:
    """A quickstart: the server, its console, and the commands that an operator has.

    `clock`: by how many seconds its clock is moved.
    """

    def __init__(self, folder, clock=0):
        self.folder = str(folder)
        # The console is on the port after the server's.
        port = next(p for p in iter(free_port, None) if p < 65535 and not in_use(p + 1))
        self.process = subprocess.Popen(
            [PROGRAM, "quickstart", "--data", self.folder, "--listen", f"127.0.0.1:{port}", "--json"],
            stdout=subprocess.PIPE, stderr=open(self.folder + ".log", "w"), text=True,
            env={**os.environ, "PHAROS_CLOCK_OFFSET_SECONDS": str(int(clock))})
        self.info = json.loads(self.process.stdout.readline())
        self.console = self.info["consoleURL"]
        self.ca = self.info["caFile"]
        self.tls = ssl.create_default_context(cafile=self.ca)

    def command(self, *words):
        return json.loads(subprocess.check_output([PROGRAM, *words, "--data", self.folder, "--json"]) or b"{}")

    def link(self, *words):
        return self.command("console", "link", *words)["url"]

    def tenant(self, name, enabled=True):
        self.command("tenant", "create", name)
        if enabled:
            self.command("tenant", "enable-scim", name)

    def scim(self, method, path, body=None, token=None, url=None, agent="Okta SCIM Client 1.0.0"):
        """Status and JSON of a request, as an identity provider sends it."""
        request = urllib.request.Request(
            (url or self.info["tenantURL"]) + path, method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": "Bearer " + (token or self.info["token"]),
                     "Content-Type": "application/scim+json", "User-Agent": agent})
        try:
            with urllib.request.urlopen(request, context=self.tls) as answer:
                return answer.status, json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"{}")

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)


class Console:
    """A console of its own process beside a server, whose people come from identity providers."""

    def __init__(self, server, folder, port=None):
        self.server, self.folder = server, folder
        self.port = port or free_port()
        self.url = f"https://localhost:{self.port}"
        self.settings = folder / "sign-in.json"

    def write(self, settings):
        self.settings.write_text(json.dumps(settings))
        self.settings.chmod(0o600)

    def start(self, settings):
        self.write(settings)
        tls = pathlib.Path(self.server.ca).parent
        self.process = subprocess.Popen(
            [PROGRAM, "console", "serve", "--data", self.server.folder, "--listen", f"127.0.0.1:{self.port}",
             "--public-url", self.url, "--tls-cert", str(tls / "certificate.pem"), "--tls-key", str(tls / "key.pem"),
             "--sign-in", str(self.settings), "--provider-ca", self.server.ca, "--json"],
            stdout=subprocess.PIPE, stderr=open(self.folder / "console.log", "w"), text=True)
        assert json.loads(self.process.stdout.readline()) == {"consoleURL": self.url}

    def reload(self, settings):
        """Puts another file in place and has it read; returns when it is in use, or was refused."""
        told = self.log.count("reloaded") + self.log.count("stay as they were")
        self.write(settings)
        self.process.send_signal(signal.SIGHUP)
        for _ in range(600):
            if self.log.count("reloaded") + self.log.count("stay as they were") > told:
                return
            time.sleep(0.05)
        raise TimeoutError("the console does not reload")

    @property
    def log(self):
        return (self.folder / "console.log").read_text()

    def stop(self):
        self.process.terminate()
        assert self.process.wait(timeout=20) == 0


def in_use(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("server") / "data")
    yield server
    server.stop()


def trust(home, *certificates):
    """Has a browser with this home trust certificates, as a machine of the company's would."""
    database = home / ".pki/nssdb"
    database.mkdir(parents=True, exist_ok=True)
    if not (database / "cert9.db").exists():
        subprocess.check_call(["certutil", "-d", f"sql:{database}", "-N", "--empty-password"])
    for number, certificate in enumerate(certificates):
        name = pathlib.Path(certificate).parent.parent.name + str(number)
        subprocess.check_call(["certutil", "-d", f"sql:{database}", "-A", "-t", "C,,", "-n", name, "-i", str(certificate)])


@pytest.fixture(scope="session")
def chromium(server, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    trust(home, server.ca)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox"], env={**os.environ, "HOME": str(home)})
        browser.home = home
        yield browser
        browser.close()


class Visitor:
    """Somebody with a browser of their own. What a page complains about, or runs that it should not, is noted."""

    def __init__(self, browser, strict=True, **options):
        # What a provider's own pages complain about is not ours.
        self.strict = strict
        self.context = browser.new_context(viewport={"width": 1440, "height": 900}, **options)
        self.complaints = []
        self.page = self.new_page()

    def new_page(self):
        page = self.context.new_page()
        page.on("console", lambda message: message.type in ("error", "warning") and self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (self.complaints.append("dialog"), dialog.dismiss()))
        return page

    def sign_in(self, link):
        self.page.goto(link)
        self.page.click("main button")
        return self.page

    def look(self, name):
        """Takes the page's picture, light and dark, wide and narrow, and has axe and the layout looked at."""
        violations = [
            (v["id"], [n["html"][:200] for n in v["nodes"]]) for v in Axe().run(self.page).response["violations"]]
        assert not violations, (name, violations)
        SHOTS.mkdir(parents=True, exist_ok=True)
        for scheme in ("light", "dark"):
            for width in (1440, 390):
                self.page.emulate_media(color_scheme=scheme)
                self.page.set_viewport_size({"width": width, "height": 900})
                overflow = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
                assert overflow <= 0, (name, width, overflow)
                self.page.screenshot(path=SHOTS / f"{name}-{scheme}-{width}.png", full_page=True)
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size({"width": 1440, "height": 900})


@pytest.fixture
def visitor(chromium):
    visitors = []

    def make(**options):
        visitors.append(Visitor(chromium, **options))
        return visitors[-1]

    yield make
    for one in visitors:
        one.context.close()
        # A page that is not there is one of the tests.
        expected = ("400", "403", "404", "409", "413")
        rest = [c for c in one.complaints if not any(status in c for status in expected)]
        assert not (one.strict and rest), rest
