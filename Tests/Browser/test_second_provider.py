"""Sign-in with another real OpenID provider, NanoIDP with its strict profile, which tells no address and has no TLS."""

import json
import pathlib
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request

import pytest
from conftest import Console, free_port
from playwright.sync_api import expect

NANOIDP = str(pathlib.Path(sys.executable).parent / "nanoidp")
SECRET = "another-secret-of-the-client"
PASSWORD = "correct-horse-battery"


class TLSProxy:
    """Takes TLS on one port and hands on to another."""

    def __init__(self, target, certificate, key):
        self.target = target
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        try:
            with self.context.wrap_socket(client, server_side=True) as inside, \
                    socket.create_connection(("127.0.0.1", self.target)) as outside:
                back = threading.Thread(target=self.copy, args=(outside, inside), daemon=True)
                back.start()
                self.copy(inside, outside)
                back.join(timeout=20)
        except OSError:
            pass

    @staticmethod
    def copy(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


@pytest.fixture(scope="module")
def console(server, tmp_path_factory):
    folder = tmp_path_factory.mktemp("second-provider")
    tls = pathlib.Path(server.ca).parent
    plain = free_port()
    proxy = TLSProxy(plain, tls / "certificate.pem", tls / "key.pem")
    console = Console(server, folder)
    issuer = f"https://localhost:{proxy.port}"
    # JSON is YAML too.
    (folder / "settings.yaml").write_text(json.dumps({
        "config_version": 1, "server": {"host": "127.0.0.1", "port": plain},
        "oauth": {"issuer": issuer, "audience": "pharos", "clients": [
            {"client_id": "pharos", "client_secret": SECRET, "description": "Console",
             "redirect_uris": [console.url + "/sign-in/answer"]}]}}))
    (folder / "users.yaml").write_text(json.dumps({"config_version": 1, "users": {
        name: {"password": PASSWORD, "email": f"{name}@globex.example", "roles": roles}
        for name, roles in (("ann", ["PRINT_OWNERS"]), ("bob", ["USER"]))}}))
    provider = subprocess.Popen(
        [NANOIDP, "--config", str(folder), "--port", str(plain), "--profile", "oauth21"],
        # It makes its keys in the folder in which it runs.
        cwd=folder, stdout=open(folder / "nanoidp.log", "w"), stderr=subprocess.STDOUT)
    for _ in range(900):
        try:
            urllib.request.urlopen(issuer + "/.well-known/openid-configuration", context=server.tls)
            break
        except OSError:
            time.sleep(0.1)
    server.tenant("globex")
    console.start({"tenants": {"globex": {
        "issuer": issuer, "clientID": "pharos", "clientSecret": SECRET, "owners": ["ann"]}}})
    yield console
    console.stop()
    provider.terminate()
    provider.wait(timeout=20)
    proxy.listener.close()
    assert SECRET not in console.log


def sign_in(page, console, name, password=PASSWORD):
    page.goto(console.url + "/sign-in/tenants/globex")
    # A sign-in page where one that asks for nothing would be an error: the console never asks for that.
    assert "prompt=none" not in page.url
    page.fill("[name=username]", name)
    if not page.locator("[name=password]").count():
        page.click("[type=submit]")
    page.fill("[name=password]", password)
    page.click("[type=submit]:not([name=change_username])")


def test_sign_in_and_out(console, server, visitor):
    page = visitor(strict=False).page
    sign_in(page, console, "ann")
    page.wait_for_url(console.url + "/tenants/globex/secure/advanced")
    assert "(owner)" in page.inner_text("header")
    page.click("text=Generate Token")
    page.wait_for_selector("#token")
    # Its ID token has no e-mail address, so that the person goes by the subject, and is recorded by a digest.
    assert server.command("token", "list", "globex")["tokens"][0]["createdBy"]["id"].startswith("person.")
    page.click("text=Sign out")
    page.click("text=Sign out there too")
    page.wait_for_load_state("networkidle")
    page.goto(console.url + "/tenants/globex/secure/advanced")
    assert page.url == console.url + "/sign-in"


def test_a_wrong_password_and_no_role_let_nobody_in(console, visitor):
    page = visitor(strict=False).page
    sign_in(page, console, "ann", "wrong")
    expect(page.locator("[name=password], [name=username]").first).to_be_visible()
    assert not page.url.startswith(console.url)
    sign_in(page, console, "bob")
    page.wait_for_url(console.url + "/**")
    assert "nobody has given you a role" in page.inner_text("main"), page.inner_text("main")
    page.goto(console.url + "/tenants/globex/users")
    assert page.url == console.url + "/sign-in"


def test_its_people_see_no_other_tenant(console, server, visitor):
    server.tenant("hidden")
    page = visitor(strict=False).page
    sign_in(page, console, "ann")
    page.wait_for_url(console.url + "/tenants/globex/**")
    for path in ("/tenants/hidden/users", "/tenants"):
        assert page.goto(console.url + path).status == 404
