"""What the provider does is seen while it does it, and what is wrong is named with what to do about it."""

import json
import pathlib
import re

from conftest import GROUP, USER
from playwright.sync_api import expect


def test_first_contact_is_followed_live(server, visitor):
    server.tenant("first")
    issued = server.command("token", "generate", "first")
    somebody = visitor()
    page = somebody.sign_in(server.link("first"))
    page.goto(f"{server.console}/tenants/first/sync")
    assert "Nobody has called yet" in page.inner_text("#next-step")
    somebody.look("contact-waiting")

    def call(method, path, body=None, token=issued["token"], url=issued["tenantURL"]):
        return server.scim(method, path, body, token=token, url=url)[0]

    def sees(text):
        expect(page.locator("#live-contact")).to_contain_text(text, timeout=15000)

    assert call("GET", "/Users?startIndex=1&count=2", token=issued["token"][:-1] + "x") == 401
    sees("401")
    assert call("GET", "/scim/v2/Users") == 404
    sees("/scim/v2 stands twice")
    assert call("GET", "/Users?startIndex=1&count=2") == 200
    expect(page.locator("#next-step")).to_contain_text("enable Create Users", timeout=15000)
    assert call("POST", "/Users", {"schemas": [USER], "userName": "ann@example.com"}) == 201
    sees("created a user")
    assert call("POST", "/Users", {"schemas": [USER], "userName": "ann@example.com"}) == 409
    failures = page.locator("[aria-labelledby=failures]")
    expect(failures).to_contain_text("Two people share a user name", timeout=15000)
    assert "Paste the token" in failures.inner_text() and "None yet" not in page.inner_text("main")
    assert "ann@example.com" not in page.content()
    page.set_viewport_size({"width": 1440, "height": 900})
    somebody.look("contact")
    with page.expect_download() as download:
        page.click("tr:has-text('Two people share') >> text=Save this failure")
    saved = json.load(open(download.value.path()))
    assert download.value.suggested_filename == f"failure-{saved['requestID']}.json"
    assert saved["status"] == 409 and saved["scimType"] == "uniqueness" and saved["path"] == "/Users"
    assert saved["auditSequence"] > 0 and "Two people share a user name" in saved["whatToDo"]
    assert "ann" not in json.dumps(saved) and "127.0.0.1" not in json.dumps(saved)
    text = page.inner_text("main")
    assert re.search(r"Last contact\s+\d+ s ago", text), text


def test_a_disabled_tenant_is_named(server, visitor):
    server.tenant("paused")
    issued = server.command("token", "generate", "paused")
    server.command("tenant", "disable-scim", "paused")
    assert server.scim("GET", "/Users", token=issued["token"], url=issued["tenantURL"])[0] == 403
    page = visitor().sign_in(server.link("paused"))
    page.goto(f"{server.console}/tenants/paused/sync")
    assert "SCIM is not enabled for this tenant" in page.inner_text("#live-contact")


def test_why_somebody_cannot_print(server, visitor):
    server.tenant("why")
    issued = server.command("token", "generate", "why")
    scim = lambda method, path, body: server.scim(method, path, body, token=issued["token"], url=issued["tenantURL"])
    user = scim("POST", "/Users", {"schemas": [USER], "userName": "bob@example.com", "displayName": "Bob", "active": False})[1]
    scim("POST", "/Users", {"schemas": [USER], "userName": "eve@example.com", "displayName": "Eve"})
    eve = server.scim("GET", "/Users?filter=userName%20eq%20%22eve@example.com%22", token=issued["token"], url=issued["tenantURL"])
    scim("POST", "/Groups", {"schemas": [GROUP], "displayName": "Printers", "members": [{"value": eve[1]["Resources"][0]["id"]}]})
    somebody = visitor()
    page = somebody.sign_in(server.link("why"))
    page.goto(f"{server.console}/tenants/why/why?q=Bob")
    assert "The user is inactive." in page.inner_text("main") and "in no group" in page.inner_text("main")
    page.goto(f"{server.console}/tenants/why/why?q=eve@example.com")
    assert "The user is in 1 group." in page.inner_text("main") and "No card is known" in page.inner_text("main")
    somebody.look("why")
    page.goto(f"{server.console}/tenants/why/why?q=nobody@example.com")
    assert "There is no such user here" in page.inner_text("main")
    somebody.look("why-absent")
    assert user["id"]


def test_asking_for_scim(server, visitor):
    server.tenant("asking", enabled=False)
    page = visitor().sign_in(server.link("asking"))
    page.click("text=Ask for SCIM")
    assert "It was asked for on" in page.inner_text("main") and "link.root" in page.inner_text("main")
    operator = visitor().sign_in(server.link())
    assert "asked for" in operator.inner_text("tr:has-text('asking')")
    server.command("tenant", "enable-scim", "asking")
    page.reload()
    assert page.is_visible("text=Generate Token")

def test_rehearsal(server, visitor):
    server.tenant("stage")
    somebody = visitor()
    page = somebody.sign_in(server.link("stage", "--role", "reader"))
    page.click("nav >> text=Rehearse")
    for title in ("Okta", "Microsoft Entra ID"):
        page.click(f"text=Rehearse {title}")
        assert f"were answered as {title} needs it" in page.inner_text("[role=status]")
        assert page.locator(".tag.bad").count() == 0 and page.locator(".steps > li").count() > 10
    page.click("summary >> nth=2")
    somebody.look("rehearsal")
    with page.expect_download() as download:
        page.click("text=Play again and save the sheet")
    sheet = json.loads(pathlib.Path(download.value.path()).read_text())
    assert sheet["client"] == "entra" and sheet["failed"] == 0 and sheet["steps"][2]["answer"]["id"]
    page.goto(f"{server.console}/tenants/stage/users")
    assert "There are no users yet" in page.inner_text("main")
