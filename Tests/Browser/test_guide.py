"""The guide, from its first step to the credentials that go into Okta, and what it warns of."""

import json

from conftest import GROUP, USER
from playwright.sync_api import Error, expect


def go_back(page):
    """Goes back; to the answer to a form, which no browser keeps, Chromium does not."""
    try:
        page.go_back()
        page.wait_for_load_state()
    except Error as error:
        assert "ERR_CACHE_MISS" in str(error)


def sync_page(server, tenant):
    return f"{server.console}/tenants/{tenant}/secure/advanced"


def test_the_guide(server, visitor):
    server.tenant("guide")
    somebody = visitor(permissions=["clipboard-read", "clipboard-write"])
    page = somebody.sign_in(server.link("guide"))
    assert page.url == sync_page(server, "guide")
    somebody.look("sync-without-token")
    page.click("text=Generate Token")
    assert "SCIM Credentials" in page.inner_text("h1")
    somebody.look("credentials")
    token = page.inner_text("#token")
    page.click("text=Copy the token")
    page.wait_for_selector("text=Copied")
    assert page.evaluate("navigator.clipboard.readText()") == token
    with page.expect_download() as download:
        page.click("button:has-text('Download')")
    file = json.load(open(download.value.path()))
    assert file["token"] == token and download.value.suggested_filename == "scim-credentials-guide.json"

    # The file is all that a client needs.
    status, user = server.scim("POST", "/Users", {"schemas": [USER], "userName": "ann@example.com"},
                               token=file["token"], url=file["tenantURL"])
    assert status == 201
    status, _ = server.scim("POST", "/Groups", {"schemas": [GROUP], "displayName": "Printers", "members": [{"value": user["id"]}]},
                            token=file["token"], url=file["tenantURL"])
    assert status == 201
    page.click("text=Close")
    assert "Okta" in page.inner_text("main") and "Regenerate Token" in page.inner_text("main")
    assert "1 users, 1 groups" in page.inner_text("main")
    assert token not in page.content()
    go_back(page)
    expect(page.locator("body")).not_to_contain_text(token)
    assert len(server.command("token", "list", "guide")["tokens"]) == 1


def test_no_page_makes_a_token(server, visitor):
    server.tenant("trap")
    somebody = visitor()
    page = somebody.sign_in(server.link("trap"))
    for place in ("secure/advanced", "direct/settings"):
        page.goto(f"{server.console}/tenants/trap/{place}")
        page.reload()
        somebody.new_page().goto(f"{server.console}/tenants/trap/{place}")
    assert server.command("token", "list", "trap")["tokens"] == []
    page.dblclick("text=Generate Token")
    page.wait_for_load_state()
    assert len(server.command("token", "list", "trap")["tokens"]) == 1


def test_a_reload_and_a_second_tab_of_the_dialog_make_no_further_token(server, visitor):
    server.tenant("again")
    somebody = visitor()
    page = somebody.sign_in(server.link("again"))
    stale = somebody.new_page()
    stale.goto(sync_page(server, "again"))
    page.click("text=Generate Token")
    page.wait_for_selector("#token")
    page.reload()
    assert "was made already" in page.inner_text("h1")
    somebody.look("sent-before")
    stale.click("text=Generate Token")
    assert "has the live token" in stale.inner_text("main")
    assert len(server.command("token", "list", "again")["tokens"]) == 1


def test_regenerating_with_an_overlap(server, visitor):
    server.tenant("change")
    old = server.command("token", "generate", "change")
    server.scim("GET", "/Users?startIndex=1&count=2", token=old["token"], url=old["tenantURL"])
    somebody = visitor()
    page = somebody.sign_in(server.link("change"))
    page.click("text=Regenerate Token")
    somebody.look("regenerate")
    assert len(server.command("token", "list", "change")["tokens"]) == 1
    page.click("button:has-text('Regenerate Token')")
    new = page.inner_text("#token")
    page.click("text=Close")
    assert "An old token is still valid" in page.inner_text("main")
    somebody.look("two-tokens")
    for token in (old["token"], new):
        assert server.scim("GET", "/Users", token=token, url=old["tenantURL"])[0] == 200
    page.check("[name=unused][value=hour]")
    page.click("button:has-text('Save')")
    assert "nobody has used the old one for 60 minutes" in page.inner_text("main")
    somebody.look("two-tokens-retiring")
    assert next(t for t in server.command("token", "list", "change")["tokens"] if t["id"] == old["id"])["endsUnusedSeconds"] == 3600
    server.scim("GET", "/Users", token=old["token"], url=old["tenantURL"])
    page.reload()
    assert "something still holds the old token" in page.inner_text("main")
    page.click("text=End the old token now")
    somebody.look("end-token")
    page.click("button:has-text('End the token')")
    assert "An old token is still valid" not in page.inner_text("main")
    assert server.scim("GET", "/Users", token=old["token"], url=old["tenantURL"])[0] == 401
    assert server.scim("GET", "/Users", token=new, url=old["tenantURL"])[0] == 200


def test_scim_that_is_not_enabled(server, visitor):
    server.tenant("waiting", enabled=False)
    somebody = visitor()
    page = somebody.sign_in(server.link("waiting"))
    assert page.is_disabled("button:has-text('Generate Token')")
    assert "available upon request" in page.inner_text("main")
    somebody.look("sync-not-enabled")


def test_everything_works_without_scripts(server, visitor):
    server.tenant("plain")
    somebody = visitor(java_script_enabled=False)
    page = somebody.sign_in(server.link("plain"))
    page.click("text=Generate Token")
    token = page.inner_text("#token")
    with page.expect_download() as download:
        page.click("button:has-text('Download')")
    assert json.load(open(download.value.path()))["token"] == token
    assert not page.is_visible("text=Copy the token")
    page.click("text=Close")
    page.click("text=Regenerate Token")
    page.click("button:has-text('Regenerate Token')")
    assert page.inner_text("#token") != token
