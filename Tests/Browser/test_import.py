"""Imports: what a file would change, the confirmation, and the report, by mouse and without scripts."""

import csv
import io
import time

import pytest
from conftest import USER

HOSTILE = ["=HYPERLINK(\"http://evil.example\")", "+1", "-1", "@SUM(A1)", "<img src=x onerror=alert(1)>", "{{token}}"]


def users_file(names, extra=""):
    return "userName,displayName,active\n" + "".join(f"{name},Name of {name},true\n" for name in names) + extra


def upload(page, console, tenant, content, kind="users", name="people.csv", separator="comma", replace=False):
    page.goto(f"{console}/tenants/{tenant}/import")
    page.check(f"[name=kind][value={kind}]")
    page.check(f"[name=separator][value={separator}]")
    if replace:
        page.check("[name=replace]")
    page.set_input_files("[name=file]", {"name": name, "mimeType": "text/csv", "buffer": content.encode()})
    page.click("text=Look at the file")




@pytest.fixture(scope="module")
def tenant(server):
    server.tenant("imports", enabled=False)
    return "imports"


def count(server, tenant):
    return server.command("tenant", "show", tenant)["resources"].get("User", 0)


def test_preview_confirm_and_report(server, tenant, visitor):
    somebody = visitor()
    page = somebody.sign_in(server.link(tenant, "--role", "administrator"))
    page.goto(f"{server.console}/tenants/{tenant}/import")
    somebody.look("imports")
    upload(page, server.console, tenant, users_file(["ann", "bob", "cleo"], ",nobody,true\nx,too few\n"))
    page.wait_for_selector("text=What the file would change")
    text = page.inner_text("main")
    assert "line 2: ann" in text and "Created\t3" in text and "The line names no user" in text
    assert "The line has 2 cells" in text
    assert count(server, tenant) == 0
    somebody.look("import-preview")
    address = page.url
    page.click("text=Import 3 lines")
    page.wait_for_selector("text=The import is done")
    assert page.url == address and count(server, tenant) == 3
    somebody.look("import-done")
    # A reload and going back do nothing again; neither does the same file.
    page.reload()
    assert "The import is done" in page.inner_text("main")
    upload(page, server.console, tenant, users_file(["ann", "bob", "cleo"]))
    page.wait_for_selector("text=Nothing would change")
    assert page.locator("text=Import 3 lines").count() == 0
    page.click("text=Discard the file")
    assert page.url.endswith("/import") and "is done" in page.inner_text("main")
    page.goto(address)
    with page.expect_download() as download:
        page.click("text=Download the refused lines")
    assert download.value.suggested_filename == "refused-users-imports.csv"
    rows = list(csv.reader(io.StringIO(open(download.value.path(), newline="").read())))
    assert rows[0] == ["line", "column", "reason", "userName", "displayName", "active"]
    assert [row[0] for row in rows[1:]] == ["5", "6"] and rows[1][4] == "nobody"


def test_the_trail_names_the_person(server, tenant, visitor):
    page = visitor().sign_in(server.link(tenant))
    upload(page, server.console, tenant, users_file(["traced"]))
    page.click("text=Import 1 line")
    page.wait_for_selector("text=The import is done")
    for _ in range(50):
        lines = [line for line in open(server.folder + ".log") if '"user.create"' in line and '"imports"' in line]
        if lines:
            break
        time.sleep(0.1)
    if not lines:
        pytest.skip("the trail is in the journal")
    assert '"SCIM_ACTOR_TYPE":"admin"' in lines[-1] and '"SCIM_ACTOR_ID":"link.' in lines[-1]


def test_a_double_click_and_two_tabs_import_once(server, tenant, visitor):
    somebody = visitor()
    page = somebody.sign_in(server.link(tenant))
    names = [f"twice{number}" for number in range(700)]
    upload(page, server.console, tenant, users_file(names))
    page.wait_for_selector("text=Import 700 lines")
    other = somebody.new_page()
    other.goto(page.url)
    page.dblclick("text=Import 700 lines", no_wait_after=True)
    other.click("text=Import 700 lines")
    other.wait_for_selector("text=The import is done", timeout=60_000)
    text = other.inner_text("main")
    assert "Created\t700" in text and "Unchanged\t0" in text and "Updated\t0" in text


def test_the_upload_sent_twice_is_one_upload(server, tenant, visitor):
    page = visitor().sign_in(server.link(tenant))
    page.goto(f"{server.console}/tenants/{tenant}/import")
    before = page.locator("section[aria-labelledby=recent] li").count()
    urls = page.evaluate("""async () => {
        const form = document.querySelector("form[enctype]");
        const send = async () => {
            const data = new FormData(form);
            data.set("kind", "users");
            data.set("file", new Blob(["userName\\nann\\n"]), "once.csv");
            return (await fetch(form.action, {method: "POST", body: data})).url;
        };
        return [await send(), await send()];
    }""")
    assert urls[0] == urls[1]
    page.reload()
    assert page.locator("section[aria-labelledby=recent] li").count() in (before + 1, 8)


def test_scim_that_is_connected_warns_and_has_to_be_insisted_upon(server, visitor):
    server.scim("POST", "/Users", {"schemas": [USER], "userName": "pushed"})
    somebody = visitor()
    page = somebody.sign_in(server.link("demo"))
    upload(page, server.console, "demo", users_file(["beside"]))
    page.wait_for_selector("text=SCIM is connected")
    assert "last used" in page.inner_text("main")
    somebody.look("import-connected")
    # The browser asks for the tick, and so does the console.
    page.eval_on_selector("[name=connected]", "box => { box.required = false; }")
    page.click("text=Import 1 line")
    assert "Nothing was changed" in page.inner_text("main")
    page.go_back()
    page.check("[name=connected]")
    page.click("text=Import 1 line")
    page.wait_for_selector("text=The import is done")
    # Cards are not the provider's.
    upload(page, server.console, "demo", "userName,card\nbeside,CAFE01\nnobody,CAFE02\n", kind="cards")
    page.wait_for_selector("text=What the file would change")
    assert "SCIM is connected" not in page.inner_text("main")
    page.click("text=Import 1 line")
    page.wait_for_selector("text=The import is done")
    assert "Cards given or changed\t1" in page.inner_text("main")


def test_cards_can_be_replaced(server, tenant, visitor):
    page = visitor().sign_in(server.link(tenant))
    upload(page, server.console, tenant, users_file(["carded"]))
    page.click("text=Import 1 line")
    page.wait_for_selector("text=The import is done")
    for content, replace in (("userName,card\ncarded,A1\ncarded,A2\n", False), ("userName;card\ncarded;A3\n", True)):
        upload(page, server.console, tenant, content, kind="cards", replace=replace,
               separator="semicolon" if replace else "comma")
        page.click("main button:has-text('Import')")
        page.wait_for_selector("text=The import is done")
    page.goto(f"{server.console}/tenants/{tenant}/users?q=carded")
    page.click("th a >> text=carded")
    text = page.inner_text("main")
    assert "A3" in text and "A1" not in text and "A2" not in text


def test_without_scripts(server, tenant, visitor):
    page = visitor(java_script_enabled=False).sign_in(server.link(tenant))
    upload(page, server.console, tenant, users_file([f"plain{number}" for number in range(600)]))
    for words, step in (("What the file would change", "text=Import 600 lines"), ("The import is done", None)):
        for _ in range(120):
            if words in page.inner_text("main"):
                break
            page.click("text=How far is it now?")
        assert words in page.inner_text("main")
        if step:
            page.click(step)


@pytest.mark.parametrize("content, words", [
    ("", "Choose a file"),
    ("userName;displayName\na;b\n", "semicolons or tabs separate"),
    ("userName\n\"open\n", "never closed"),
    ("userName\n", "no line"),
    ("colour\nred\n", "This is no attribute of a User"),
    ("userName\nna\x01me\n", "control character"),
    ("%PDF-1.7\r%\x00\n", "Line 1 is no CSV"),
])
def test_a_wrong_file_says_what_is_wrong(server, tenant, visitor, content, words):
    somebody = visitor()
    page = somebody.sign_in(server.link(tenant))
    before = count(server, tenant)
    upload(page, server.console, tenant, content)
    page.wait_for_function("words => document.body.innerText.includes(words)", arg=words)
    assert count(server, tenant) == before
    if words == "no line":
        somebody.look("import-unusable")


def test_a_file_that_is_too_large_is_refused(server, tenant, visitor):
    page = visitor().sign_in(server.link(tenant))
    upload(page, server.console, tenant, "userName\n" + "a" * 100 + "\n" * (8 << 20))
    assert "larger than 8 MiB" in page.inner_text("main")


def test_what_others_wrote_is_text_here_and_in_a_spreadsheet(server, tenant, visitor):
    page = visitor().sign_in(server.link(tenant))
    rows = io.StringIO()
    csv.writer(rows).writerows([["userName", "displayName", "active"]] + [
        [f"evil{number}", name, "perhaps"] for number, name in enumerate(HOSTILE)])
    upload(page, server.console, tenant, rows.getvalue(), name="<script>alert(1)</script>{{x}}.csv")
    page.wait_for_selector("text=Nothing would change")
    assert "<script>alert(1)</script>{{x}}.csv" in page.inner_text("main")
    with page.expect_download() as download:
        page.click("text=Download the refused lines")
    cells = [row[4] for row in csv.reader(io.StringIO(open(download.value.path(), newline="").read()))][1:]
    assert cells == ["'" + name if name[0] in "=+-@" else name for name in HOSTILE]
    upload(page, server.console, tenant, rows.getvalue().replace("perhaps", "true"))
    page.click(f"text=Import {len(HOSTILE)} lines")
    page.wait_for_selector("text=The import is done")


def test_readers_and_others_are_kept_out(server, tenant, visitor):
    owner = visitor().sign_in(server.link(tenant))
    upload(owner, server.console, tenant, users_file(["veiled"]))
    owner.wait_for_selector("text=What the file would change")
    reader = visitor().sign_in(server.link(tenant, "--role", "reader"))
    assert "Import" not in reader.inner_text("nav").split()
    for path in (f"/tenants/{tenant}/import",):
        assert reader.goto(server.console + path).status == 403
    assert reader.goto(owner.url).status == 403 and "veiled" not in reader.content()
    server.tenant("stranger", enabled=False)
    stranger = visitor().sign_in(server.link("stranger"))
    assert stranger.goto(owner.url).status == 404
    own = owner.url.replace(f"/tenants/{tenant}/", "/tenants/stranger/")
    assert stranger.goto(own).status == 404 and "veiled" not in stranger.content()
    # A form of the one does not confirm the other's.
    status = stranger.evaluate("""async (url) => (await fetch(url + "/confirm", {method: "POST",
        body: new URLSearchParams({secret: "0", number: "1"})})).status""", own)
    assert status == 403
    owner.reload()
    assert "What the file would change" in owner.inner_text("main")


def test_an_import_that_is_not_known_says_what_became_of_it(server, tenant, visitor):
    somebody = visitor()
    page = somebody.sign_in(server.link(tenant))
    assert page.goto(f"{server.console}/tenants/{tenant}/imports/0123").status == 404
    assert "the console was restarted" in page.inner_text("main")
    somebody.look("import-gone")
