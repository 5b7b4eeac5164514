"""Who gets in and sees what, and that what others have written stays text."""

import pytest
from conftest import GROUP, USER

HOSTILE = ["<img src=x onerror=alert(1)>", "\"'><script>alert(1)</script>", "{{userName}}{{{token}}}", "W" * 500,
           "\u202eesrever", "=HYPERLINK(\"http://evil.example\")", "javascript:alert(1)"]


@pytest.fixture(scope="module")
def people(server):
    ids = []
    for number in range(60):
        ids.append(server.scim("POST", "/Users", {
            "schemas": [USER], "userName": f"user{number:03}@example.com", "displayName": f"Ann Jones {number}",
            "emails": [{"value": f"user{number}@example.com", "primary": True}], "active": number % 5 > 0})[1]["id"])
    for number, name in enumerate(HOSTILE):
        ids.append(server.scim("POST", "/Users", {"schemas": [USER], "userName": f"evil{number}", "displayName": name,
                                                  "title": name, "name": {"formatted": name, "familyName": name}})[1]["id"])
    group = server.scim("POST", "/Groups", {"schemas": [GROUP], "displayName": HOSTILE[0],
                                            "members": [{"value": one} for one in ids]})[1]["id"]
    return ids, group


def test_users_and_groups(server, people, visitor):
    ids, group = people
    base = f"{server.console}/tenants/demo"
    somebody = visitor()
    page = somebody.sign_in(server.link("demo", "--role", "reader"))
    page.goto(base + "/users")
    somebody.look("users")
    page.click("text=Next page")
    page.click("text=Previous page")
    assert "user000@example.com" in page.inner_text("main")
    page.fill("[name=q]", "user01")
    page.press("[name=q]", "Enter")
    assert "10 users found" in page.inner_text("caption")
    for number, name in enumerate(HOSTILE):
        page.goto(f"{base}/users/{ids[60 + number]}")
        assert page.inner_text("h1").startswith(name[:20].strip()) or number == 4
    somebody.look("user")
    page.goto(base + "/groups")
    assert HOSTILE[0] in page.inner_text("main")
    somebody.look("groups")
    page.goto(f"{base}/groups/{group}")
    assert "Ann Jones 7" in page.inner_text("main")
    somebody.look("group")


def test_a_tenants_people_see_no_other_tenant(server, people, visitor):
    server.tenant("other")
    page = visitor().sign_in(server.link("other"))
    for path in ("/tenants/demo/secure/advanced", "/tenants/demo/users", f"/tenants/demo/users/{people[0][0]}", "/tenants",
                 "/tenants/demo/token/regenerate"):
        assert page.goto(server.console + path).status == 404
        assert "Ann Jones" not in page.content()


def test_an_operator_sees_all_tenants(server, visitor):
    somebody = visitor()
    page = somebody.sign_in(server.link())
    assert page.url == server.console + "/tenants"
    somebody.look("tenants")
    page.click("th a >> text=demo")
    assert page.url.endswith("/tenants/demo/secure/advanced")


def test_a_link_is_used_up_and_signing_out_ends_the_session(server, visitor):
    link = server.link("demo")
    somebody = visitor()
    somebody.page.goto(link)
    somebody.look("link")
    page = somebody.sign_in(link)
    page.click("text=Sign out")
    assert "signed out" in page.inner_text("main")
    somebody.look("signed-out")
    assert page.goto(server.console + "/tenants/demo/users").url == server.console + "/sign-in"
    page.go_back()
    assert "Ann Jones" not in page.content()
    somebody.sign_in(link)
    assert "used already" in page.inner_text("main")
    somebody.look("fault")
