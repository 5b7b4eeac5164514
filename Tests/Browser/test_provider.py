"""Sign-in with a real OpenID provider, Canaille, over TLS, and its ways of going wrong."""

import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.request

import pytest
from conftest import PROGRAM, free_port
from playwright.sync_api import expect

CANAILLE = str(pathlib.Path(sys.executable).parent / "canaille")
PASSWORD = "correct-horse-battery"
SECRET = "a-secret-of-the-client"


class Provider:
    """Canaille with one client, the console, and two people."""

    def __init__(self, folder, server, console):
        folder.mkdir()
        self.server, self.port = server, free_port()
        self.issuer = f"https://localhost:{self.port}"
        self.config = folder / "canaille.toml"
        self.folder = folder
        self.keys = [self.key()]
        self.write()
        self.call("install")
        for name in ("ann", "bob"):
            self.call("create", "user", "--user-name", name, "--password", PASSWORD, "--emails", f"{name}@acme.example",
                      "--family-name", "Jones", "--given-name", name.title(), "--formatted-name", name.title() + " Jones")
        client = self.call("create", "client", "--client-id", "pharos", "--client-secret", SECRET, "--client-name", "Console",
                           "--client-uri", console, "--redirect-uris", console + "/sign-in/answer",
                           "--post-logout-redirect-uris", console + "/sign-in?out=1", "--grant-types", "authorization_code",
                           "--response-types", "code", "--scope", "openid", "--scope", "profile", "--scope", "email",
                           "--token-endpoint-auth-method", "client_secret_basic")
        self.client = json.loads(client.splitlines()[-1])["id"]
        self.process = None
        self.start()

    def key(self):
        return json.loads(subprocess.check_output([CANAILLE, "jwk", "create", "rsa"], stderr=subprocess.DEVNULL))

    def write(self):
        tables = ", ".join("{" + ", ".join(f"{n} = {json.dumps(v)}" for n, v in key.items()) + "}" for key in self.keys)
        self.config.write_text(f"""SECRET_KEY = "for-tests"
SERVER_NAME = "localhost:{self.port}"
PREFERRED_URL_SCHEME = "https"
[CANAILLE]
DATABASE = "sql"
[CANAILLE_SQL]
DATABASE_URI = "sqlite:///{self.folder}/data.sqlite"
[CANAILLE_OIDC]
ACTIVE_JWKS = [{tables}]
""")

    def call(self, *words):
        environment = {**os.environ, "CANAILLE_CONFIG": str(self.config)}
        return subprocess.check_output([CANAILLE, *words], env=environment, stderr=subprocess.DEVNULL, text=True)

    def start(self):
        tls = pathlib.Path(self.server.ca).parent
        self.process = subprocess.Popen(
            [CANAILLE, "run", "--bind", f"localhost:{self.port}", "--certfile", str(tls / "certificate.pem"),
             "--keyfile", str(tls / "key.pem")],
            env={**os.environ, "CANAILLE_CONFIG": str(self.config)}, stdout=open(self.folder / "log", "a"), stderr=subprocess.STDOUT)
        for _ in range(200):
            try:
                urllib.request.urlopen(self.issuer + "/.well-known/openid-configuration", context=self.server.tls)
                return
            except OSError:
                time.sleep(0.1)
        raise TimeoutError("the provider does not answer")

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)

    def rotate(self):
        """Signs with another key from now on."""
        self.stop()
        self.keys = [self.key()]
        self.write()
        self.start()


@pytest.fixture(scope="module")
def console(server, tmp_path_factory):
    """A console of its own process, whose people come from the provider."""
    folder = tmp_path_factory.mktemp("provider")
    port = free_port()
    url = f"https://localhost:{port}"
    provider = Provider(folder / "canaille", server, url)
    server.tenant("acme")
    party = {"issuer": provider.issuer, "clientID": "pharos", "clientSecret": SECRET}
    settings = folder / "sign-in.json"
    settings.write_text(json.dumps({
        "operators": {**party, "owners": ["nobody@acme.example"]},
        "tenants": {"acme": {**party, "owners": ["ann@acme.example"]}}}))
    settings.chmod(0o600)
    tls = pathlib.Path(server.ca).parent
    process = subprocess.Popen(
        [PROGRAM, "console", "serve", "--data", server.folder, "--listen", f"127.0.0.1:{port}", "--public-url", url,
         "--tls-cert", str(tls / "certificate.pem"), "--tls-key", str(tls / "key.pem"), "--sign-in", str(settings),
         "--provider-ca", server.ca, "--json"], stdout=subprocess.PIPE, stderr=open(folder / "console.log", "w"), text=True)
    assert json.loads(process.stdout.readline()) == {"consoleURL": url}
    yield url, provider
    process.terminate()
    assert process.wait(timeout=20) == 0
    provider.stop()
    assert SECRET not in (folder / "console.log").read_text()


def sign_in(page, console, name, password=PASSWORD):
    page.goto(console + "/sign-in")
    page.fill("[name=tenant]", "acme")
    page.click("main button")
    page.click("text=Go on to the sign-in of acme")
    page.fill("[name=login]", name)
    page.click("main [type=submit], form [type=submit]")
    page.fill("[name=password]", password)
    page.click("main [type=submit], form [type=submit]")
    come_back(page, console)


def come_back(page, console):
    """Agrees to what the provider asks, if it does, until the browser is at the console again."""
    agrees = page.locator("[name=answer][value=accept]")
    expect(agrees.or_(page.locator("header .name:has-text('Pharos Cloud')")).first).to_be_visible()
    if agrees.count():
        agrees.first.click()
    page.wait_for_url(console + "/**")
    page.wait_for_load_state("networkidle")


def test_sign_in_by_the_tenants_provider(console, server, visitor):
    url, provider = console
    somebody = visitor(strict=False)
    page = somebody.page
    page.goto(url + "/sign-in")
    somebody.look("sign-in")

    # A client that Canaille's command line has made names nobody as the token's audience.
    sign_in(page, url, "ann")
    assert "audience" in page.inner_text("main"), page.inner_text("main")
    provider.call("set", "client", provider.client, "--audience", provider.client)

    page.goto(url + "/sign-in/tenants/acme")
    come_back(page, url)
    assert page.url == url + "/tenants/acme/secure/advanced"
    assert "Ann Jones (owner)" in page.inner_text("header")
    page.click("text=Generate Token")
    page.wait_for_selector("#token")
    tokens = server.command("token", "list", "acme")["tokens"]
    assert tokens[0]["createdBy"]["id"] == "ann@acme.example"

    # The answer of a sign-in is good once, and in the browser that has begun it.
    page.click("text=Sign out")
    assert "Sign out there too" in page.inner_text("main")
    page.goto(url + "/sign-in/answer?code=guessed&state=guessed")
    assert "not begun in this browser" in page.inner_text("main")
    page.goto(url + "/tenants/acme/secure/advanced")
    assert page.url == url + "/sign-in"

    provider.rotate()
    page.goto(url + "/sign-in/tenants/acme")
    come_back(page, url)
    assert page.url == url + "/tenants/acme/secure/advanced"


def test_who_has_no_role_gets_in_nowhere(console, visitor):
    url, _ = console
    page = visitor(strict=False).page
    sign_in(page, url, "bob")
    assert "nobody has given you a role" in page.inner_text("main"), page.inner_text("main")
    page.goto(url + "/tenants/acme/users")
    assert page.url == url + "/sign-in"


def test_a_tenant_without_a_provider(console, visitor):
    url, _ = console
    page = visitor().page
    page.goto(url + "/sign-in?tenant=other")
    assert "has no sign-in by an identity provider" in page.inner_text("main")
    page.goto(url + "/sign-in/tenants/other")
    assert "no sign-in by an identity provider" in page.inner_text("main")
