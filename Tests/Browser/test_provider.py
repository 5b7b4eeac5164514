"""Sign-in with a real OpenID provider, Canaille, over TLS, and its ways of going wrong."""

import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.parse
import urllib.request

import pytest
from conftest import Console, free_port
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
        for _ in range(900):
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
    console = Console(server, folder)
    provider = Provider(folder / "canaille", server, console.url)
    server.tenant("acme")
    party = {"issuer": provider.issuer, "clientID": "pharos", "clientSecret": SECRET}
    console.start(settings(party))
    yield console, provider
    console.stop()
    provider.stop()
    assert SECRET not in console.log


def settings(party, **people):
    return {"operators": {**party, "owners": ["nobody@acme.example"]},
            "tenants": {"acme": {**party, **(people or {"owners": ["ann@acme.example"]})}}}


def sign_in(page, console, name, password=PASSWORD):
    begin(page, console, name, password)
    come_back(page, console)


def begin(page, console, name, password=PASSWORD):
    page.goto(console + "/sign-in")
    page.fill("[name=tenant]", "acme")
    page.click("main button")
    page.click("text=Go on to the sign-in of acme")
    page.fill("[name=login]", name)
    page.click("main [type=submit], form [type=submit]")
    page.fill("[name=password]", password)
    page.click("main [type=submit], form [type=submit]")


def come_back(page, console):
    """Agrees to what the provider asks, if it does, until the browser is at the console again."""
    agrees = page.locator("[name=answer][value=accept]")
    expect(agrees.or_(page.locator("header .name:has-text('Pharos Cloud')")).first).to_be_visible()
    if agrees.count():
        agrees.first.click()
    page.wait_for_url(console + "/**")
    page.wait_for_load_state("networkidle")


def test_sign_in_by_the_tenants_provider(console, server, visitor):
    url, provider = console[0].url, console[1]
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
    url = console[0].url
    page = visitor(strict=False).page
    sign_in(page, url, "bob")
    assert "nobody has given you a role" in page.inner_text("main"), page.inner_text("main")
    page.goto(url + "/tenants/acme/users")
    assert page.url == url + "/sign-in"


def test_who_declines_at_the_provider_is_told(console, visitor):
    url = console[0].url
    page = visitor(strict=False).page
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "state=" in request.url else None)
    page.goto(url + "/sign-in/tenants/acme")
    # What the provider answers then (OpenID Connect Core 3.1.2.6); it asks nobody about a client of its operator's.
    state = urllib.parse.parse_qs(urllib.parse.urlsplit(asked[0]).query)["state"][0]
    page.goto(url + "/sign-in/answer?error=access_denied&state=" + state
              + "&iss=" + urllib.parse.quote(console[1].issuer, safe=""))
    assert "declined" in page.inner_text("main"), page.inner_text("main")
    page.goto(url + "/tenants/acme/users")
    assert page.url == url + "/sign-in"


def test_the_file_is_read_again_without_signing_people_out(console, visitor):
    process, provider = console
    page = visitor(strict=False).page
    sign_in(page, process.url, "ann")
    assert "Ann Jones (owner)" in page.inner_text("header")
    party = {"issuer": provider.issuer, "clientID": "pharos", "clientSecret": SECRET}
    process.reload(settings(party, readers=["ann@acme.example"], owners=["others@acme.example"]))
    page.reload()
    assert "Ann Jones (read-only)" in page.inner_text("header")
    process.reload({"tenants": "none of it"})
    assert "stay as they were" in process.log
    page.reload()
    assert "Ann Jones (read-only)" in page.inner_text("header")
    process.reload(settings(party, owners=["others@acme.example"]))
    page.reload()
    assert page.url == process.url + "/sign-in"
    process.reload(settings(party))
    page.goto(process.url + "/sign-in/tenants/acme")
    come_back(page, process.url)
    assert "Ann Jones (owner)" in page.inner_text("header")

    # The provider may keep the browser on its own page; the console's session is over in any case.
    page.click("text=Sign out")
    page.click("text=Sign out there too")
    page.wait_for_url(provider.issuer + "/**")
    page.goto(process.url + "/tenants/acme/secure/advanced")
    assert page.url == process.url + "/sign-in"


def test_a_tenant_without_a_provider(console, visitor):
    url = console[0].url
    page = visitor().page
    page.goto(url + "/sign-in?tenant=other")
    assert "has no sign-in by an identity provider" in page.inner_text("main")
    page.goto(url + "/sign-in/tenants/other")
    assert "no sign-in by an identity provider" in page.inner_text("main")
