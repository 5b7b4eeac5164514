"""The story of a user and of a group: who did what, and the audit record behind each sentence."""

from conftest import GROUP, USER

AGENT = "<img src=x onerror=alert(1)> {{sentence}}"


def test_a_users_and_a_groups_story(server, visitor):
    server.tenant("story")
    issued = server.command("token", "generate", "story")

    def call(method, path, body=None, agent="Okta SCIM Client 1.0.0"):
        return server.scim(method, path, body, token=issued["token"], url=issued["tenantURL"], agent=agent)[1]

    user = call("POST", "/Users", {"schemas": [USER], "userName": "teller", "active": True})["id"]
    group = call("POST", "/Groups", {"schemas": [GROUP], "displayName": "Tales", "members": [{"value": user}]})["id"]
    patch = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]}
    for number in range(60):
        call("PATCH", f"/Users/{user}", {**patch, "Operations": [{"op": "replace", "path": "title", "value": f"T{number}"}]})
    call("PATCH", f"/Users/{user}", {**patch, "Operations": [{"op": "replace", "path": "active", "value": False}]}, AGENT)
    base = f"{server.console}/tenants/story"
    somebody = visitor()
    page = somebody.sign_in(server.link("story", "--role", "reader"))
    page.goto(f"{base}/users/{user}")
    story = page.locator("section[aria-labelledby=story]")
    first = story.locator("li").first.inner_text()
    assert AGENT in first and "deactivated this user" in first and "with the token tok_" in first
    assert "T59" not in story.inner_text() and "changed this user: title." in story.inner_text()
    assert story.locator("li").count() == 50
    somebody.look("user-story")
    story.locator("text=Earlier").click()
    rest = story.inner_text()
    assert "created this user" in rest and "added this to a group" in rest and story.locator("text=Earlier").count() == 0
    story.locator("li a").last.click()
    fields = page.inner_text("main")
    assert "user.create" in fields and "SCIM_REQUEST_ID" in fields and "SCIM_SEQ" in fields
    somebody.look("record")
    page.goto(f"{base}/groups/{group}")
    assert "created this group" in page.inner_text("section[aria-labelledby=story]")
    somebody.look("group-story")


def test_another_tenants_records_are_not_there(server, visitor):
    server.tenant("nosy")
    user = server.scim("POST", "/Users", {"schemas": [USER], "userName": "private"})[1]["id"]
    page = visitor().sign_in(server.link("nosy"))
    for path in (f"/tenants/demo/records/{user}/1.1", f"/tenants/nosy/records/{user}/1.1", "/tenants/nosy/records/1/x"):
        assert page.goto(server.console + path).status in (400, 404, 409), path
        assert "user.create" not in page.content()
