import HTTP
import Testing

@testable import Console

@Suite("Users and groups in the console")
struct DirectoryPageTests {
    private static let first =
        "GET /tenants/acme/scim/v2/Users?count=50&attributes=userName,displayName,name.formatted,active,emails.value&cursor="

    private static let why =
        "GET /tenants/acme/scim/v2/Users?count=50&attributes=userName,displayName,active,groups,urn:ietf:params:scim:schemas:extension:pharos:2.0:User:cards.value&cursor=&filter="

    @Test("What people and providers write is shown as they wrote it, and is never a part of the page")
    func hostile() async throws {
        let console = try TestConsole()
        let evil = #"<script>alert(1)</script>\"'{{userName}}"#
        console.backend.answer(
            "GET /tenants/acme/scim/v2/Users/1",
            """
            {"id":"1","userName":"\(evil)","displayName":"\(evil)","active":false,
             "emails":[{"value":"\(evil)"}],"groups":[{"value":"2","display":"\(evil)"}]}
            """
        )
        let page = try await console.signIn().get("/tenants/acme/users/1").text
        #expect(!page.contains("<script>alert"))
        #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;{{userName}}"))
        #expect(page.contains("inactive"))
    }

    @Test("A search asks for exact names first, which an index answers, and goes on by pages")
    func search() async throws {
        let console = try TestConsole()
        let browser = console.signIn(.reader)
        console.backend.answer(Self.first, #"{"totalResults":0,"Resources":[]}"#)
        #expect(try await browser.get("/tenants/acme/users").text.contains("There are no users yet"))
        let exact =
            Self.first + #"&filter=userName%20eq%20%22a%5C%22b%22%20or%20externalId%20eq%20%22a%5C%22b%22"#
        console.backend.answer(
            exact,
            #"{"totalResults":1,"nextCursor":"n+1","Resources":[{"id":"1","userName":"a\"b"}]}"#
        )
        let page = try await browser.get("/tenants/acme/users?q=a%22b").text
        #expect(page.contains("a&quot;b</a>") && page.contains("q=a%22b&amp;from=n%2B1"))
        #expect(console.backend.commands.last.map { "\($0.method.text) \($0.path)" } == exact)
        #expect(console.backend.changes.isEmpty)
    }

    @Test("The next page of a search that the second way of looking has answered is that way's")
    func nextPage() async throws {
        let console = try TestConsole()
        let browser = console.signIn(.reader)
        let second =
            Self.first.replacing("cursor=", with: "cursor=next")
            + "&filter=userName%20sw%20%22a%22%20or%20displayName%20co%20%22a%22%20or%20emails.value%20sw%20%22a%22"
        console.backend.answer(second, #"{"totalResults":60,"Resources":[{"id":"1","userName":"ab"}]}"#)
        let page = try await browser.get("/tenants/acme/users?q=a&from=next")
        #expect(page.status == 200 && page.text.contains("ab</a>"))
        let old = try await browser.get("/tenants/acme/users?q=b&from=next")
        #expect(old.status == 400 && old.text.contains("too old"))
    }

    @Test("A search that is too long, and one that the server finds too much work, say what to do")
    func tooMuch() async throws {
        let browser = try TestConsole().signIn()
        let long = String(repeating: "a", count: DirectoryQuery.searchCharactersMax + 1)
        #expect(try await browser.get("/tenants/acme/users?q=\(long)").status == 400)
        let answer = try await browser.get("/tenants/acme/users?q=a")
        #expect(answer.status == 400 && answer.text.contains("Type the whole name"))
    }

    @Test("A user or a group that is not there is a page that says so", arguments: ["users", "groups"])
    func absent(place: String) async throws {
        #expect(try await TestConsole().signIn().get("/tenants/acme/\(place)/1").status == 404)
    }

    @Test(
        "The story of a user or group that is not there any more stays on its page, and is found by its id",
        arguments: ["users", "groups"]
    )
    func gone(place: String) async throws {
        let console = try TestConsole()
        let id = "0f7e0a3c-2b1d-4c5e-8f90-a1b2c3d4e5f6"
        console.backend.answer(
            "GET /tenants/acme/story?resource=\(id)",
            #"{"source":"journal","records":[{"place":"3.9","SCIM_EVENT":"user.delete","SCIM_ACTOR_TYPE":"admin","SCIM_ACTOR_ID":"bob","SCIM_TARGET_ID":"\#(id)"}]}"#
        )
        let page = try await console.signIn().get("/tenants/acme/\(place)/\(id)")
        #expect(page.status == 404 && page.text.contains("not here any more"))
        #expect(page.text.contains("bob deleted this user."))
        let other = try await console.signIn().get("/tenants/acme/\(place)/\(id.replacing("0f", with: "1f"))")
        #expect(other.status == 404 && !other.text.contains("not here any more"))
        guard place == "users" else { return }
        console.backend.answer("GET /tenants/acme/activity", "{}")
        for filter in UsersPage.filters {
            let text = PercentEncoding.encode(filter.replacing("?", with: "\"\(id)\""))
            console.backend.answer("\(Self.why)\(text)", #"{"totalResults":0,"Resources":[]}"#)
        }
        let why = try await console.signIn().get("/tenants/acme/why?q=\(id)").text
        #expect(why.contains("There was somebody with this id") && why.contains("bob deleted this user."))
        #expect(why.contains(#"href="/tenants/acme/users/\#(id)""#))
    }

    @Test("Names turn nothing around them, and characters that would are shown by their numbers")
    func directions() async throws {
        let console = try TestConsole()
        // The numbers stand for: right-to-left override, pop directional isolate, bell.
        let turned = "\u{202E}moc.emca@eno\u{2069}\u{7}"
        console.backend.answer(
            "GET /tenants/acme/scim/v2/Users/1",
            #"{"id":"1","userName":"x\#(turned.dropLast())","title":"שלום"}"#
        )
        let page = try await console.signIn().get("/tenants/acme/users/1").text
        #expect(page.contains("<h1><bdi>x[U+202E]moc.emca@eno[U+2069]</bdi>"))
        #expect(page.contains("שלום") && !page.contains("\u{202E}"))
        #expect(DisplayText.harmless(turned) == "[U+202E]moc.emca@eno[U+2069][U+0007]")
        #expect(
            DisplayText.shortened("abcdef", to: 3) == "abc…" && DisplayText.shortened("abc", to: 3) == "abc"
        )
    }

    @Test("A group's members come a page at a time, each with the way to its own page")
    func members() async throws {
        let console = try TestConsole()
        console.backend.answer(
            "GET /tenants/acme/scim/v2/Groups/2?excludedAttributes=members",
            #"{"id":"2","displayName":"Printers"}"#
        )
        console.backend.answer(
            "GET /tenants/acme/groups/2/members?from=",
            #"{"members":[{"value":"1","type":"User","display":"Ann"},{"value":"3","type":"Group"}],"next":"4"}"#
        )
        let page = try await console.signIn().get("/tenants/acme/groups/2").text
        #expect(page.contains(#"<a href="/tenants/acme/users/1">Ann</a>"#))
        #expect(page.contains(#"<a href="/tenants/acme/groups/3">3</a>"#))
        #expect(page.contains("/tenants/acme/groups/2?q=&amp;from=4"))
    }
}
