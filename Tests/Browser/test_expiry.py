"""What is told of a token's end, by a server whose clock is moved."""

import math
import pathlib
import shutil

import pytest
from conftest import Server

DAY = 86400


@pytest.fixture(scope="module")
def ending(server, tmp_path_factory):
    """Starts a server on the same data again, so many days later; its certificate is one that the browser trusts."""
    data = tmp_path_factory.mktemp("expiry") / "data"
    data.mkdir(mode=0o700)
    shutil.copytree(pathlib.Path(server.ca).parent, data / "tls")
    running = []

    def start(days):
        while running:
            running.pop().stop()
        running.append(Server(data, clock=days * DAY))
        return running[0]

    first = start(0)
    first.tenant("acme")
    first.command("token", "generate", "acme")
    yield start
    while running:
        running.pop().stop()


@pytest.mark.parametrize("days, sentence", [
    (274, ""), (276, "It ends in 89 days"), (336, "It ends in 29 days"), (359, "It ends in 6 days"),
    (364.5, "It ends within a day"), (366, "is not valid any more"),
])
def test_the_end_of_a_token_is_told(ending, visitor, days, sentence):
    later = ending(int(days * 2) / 2)
    somebody = visitor()
    page = somebody.sign_in(later.link("acme"))
    told = page.locator(".note[role=status]")
    if sentence:
        assert sentence in told.first.inner_text()
        if "ends" in sentence:
            assert "Regenerate it with an overlap" in told.first.inner_text()
        else:
            assert "Generate a token" in told.first.inner_text()
    else:
        assert told.count() == 0
    somebody.look(f"token-end-{int(days)}")
    page.click("text=Direct › Settings")
    assert told.count() == (1 if sentence else 0)
    page.click("nav >> text=Sync")
    assert page.locator(".note.warn, .note.bad").count() == (1 if sentence else 0)

    # The operators' list has the figure.
    operator = visitor()
    page = operator.sign_in(later.link())
    row = page.locator("tr", has_text="acme")
    left = math.ceil(365 - days)
    assert ("ended" if left <= 0 else f"{left} day") in row.inner_text(), row.inner_text()
    operator.look(f"tenants-{int(days)}")
    token = next(t for t in later.command("tenant", "list")["tenants"] if t["name"] == "acme")["token"]
    assert token["daysLeft"] == left, token
