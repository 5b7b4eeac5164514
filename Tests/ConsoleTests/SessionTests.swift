import HTTP
import Testing

@testable import Console

@Suite("Sessions and what they let people do")
struct SessionTests {
    @Test("A tenant that has the name of one that is gone has neither its people nor its files")
    func formerTenant() async throws {
        let console = try TestConsole()
        func created(_ time: String) {
            console.backend.answer(
                "GET /tenants/acme",
                #"{"name":"acme","scimEnabled":true,"authentication":"openid","created":"\#(time)"}"#
            )
        }
        created("2026-01-01T00:00:00Z")
        let (old, other, all) = (
            console.signIn(created: "2026-01-01T00:00:00Z"), console.signIn(.owner, .tenant("beta")),
            console.signIn(.owner, .everything)
        )
        let page = "/tenants/acme/secure/advanced"
        let form = Browser.form(of: try await old.get(page).text)
        #expect(try await old.get(page).status == 200)
        created("2026-11-29T00:00:00Z")
        let answer = try await old.post("/tenants/acme/token/generate", form)
        #expect(answer.status == 303 && answer.response[FieldName("Location")] == "/sign-in")
        #expect(try await old.get(page).status == 303)
        #expect(console.backend.changes.isEmpty)
        #expect(try await all.get(page).status == 200)
        // Who signs in does so to the tenant of now, and stays.
        console.backend.answer(
            "POST /console-links/redeem",
            #"{"tenant":"acme","role":"owner","by":"root","person":"link.root"}"#
        )
        let answered = try await Browser(console: console, cookie: nil).post("/link/abc", [:])
        let cookie = try #require(answered.response[FieldName("Set-Cookie")])
        let new = Browser(
            console: console,
            cookie: String(cookie.dropFirst("__Host-pharos=".count).prefix(64))
        )
        for _ in 0..<2 { #expect(try await new.get(page).status == 200) }
        console.backend.answer("GET /tenants/beta", #"{"name":"beta"}"#)
        console.backend.answer("GET /tenants/beta/tokens", #"{"tokens":[]}"#)
        #expect(try await other.get("/tenants/beta/secure/advanced").status == 200)
    }

    private static let path = "/tenants/acme/secure/advanced"

    @Test(
        "Without a session, with a wrong one, after half an hour of rest and after eight hours, a page leads to sign-in"
    )
    func ends() async throws {
        let console = try TestConsole()
        let nobody = Browser(console: console, cookie: nil)
        for path in ["/", Self.path, "/tenants"] {
            #expect(try await nobody.get(path).response[FieldName("Location")] == "/sign-in")
        }
        #expect(
            try await Browser(console: console, cookie: String(repeating: "a", count: 64)).get("/").status
                == 303
        )
        let browser = console.signIn()
        console.advance(minutes: 29)
        #expect(try await browser.get(Self.path).status == 200)
        console.advance(minutes: 30)
        #expect(try await browser.get(Self.path).status == 303)
        let busy = console.signIn()
        for _ in 0..<24 {
            console.advance(minutes: 20)
            _ = try await busy.get(Self.path)
        }
        #expect(try await busy.get(Self.path).status == 303)
    }

    @Test("A tenant's people see no other tenant and no list of them; an operator sees all")
    func scopes() async throws {
        let console = try TestConsole()
        console.backend.answer("GET /tenants", #"{"tenants":[{"name":"acme"},{"name":"globex"}]}"#)
        let browser = console.signIn()
        #expect(try await browser.get("/tenants/globex/secure/advanced").status == 404)
        #expect(try await browser.get("/tenants").status == 404)
        let page = try await console.signIn(.owner, .everything).get("/tenants").text
        #expect(page.contains("acme") && page.contains("globex"))
        #expect(!console.backend.commands.contains { $0.path.contains("globex") })
    }

    @Test(
        "A reader changes nothing, and an administrator touches no token",
        arguments: [Role.reader, .administrator]
    )
    func roles(role: Role) async throws {
        let console = try TestConsole()
        let browser = console.signIn(role)
        let page = try await browser.get(Self.path).text
        #expect(!page.contains("token/generate"))
        let form = Browser.form(of: page)
        for action in ["generate", "regenerate", "download"] {
            #expect(try await browser.post("/tenants/acme/token/\(action)", form).status == 403)
        }
        if role == .reader { #expect(try await browser.post("/tenants/acme/ask", form).status == 403) }
        #expect(console.backend.changes.isEmpty)
    }

    @Test(
        "A link signs in by its button alone, ends the browser's session, and is not tried more than ten times a minute"
    )
    func links() async throws {
        let console = try TestConsole()
        let nobody = Browser(console: console, cookie: nil)
        console.backend.answer(
            "POST /console-links/redeem",
            #"{"tenant":"acme","role":"administrator","by":"root","person":"link.root"}"#
        )
        #expect(try await nobody.get("/link/abc").status == 200)
        #expect(console.backend.commands.isEmpty)
        let old = console.signIn()
        let answer = try await old.post("/link/abc", [:])
        #expect(answer.status == 303)
        let cookie = try #require(answer.response[FieldName("Set-Cookie")])
        #expect(
            cookie.hasPrefix("__Host-pharos=")
                && cookie.hasSuffix("; Path=/; Secure; HttpOnly; SameSite=Strict")
        )
        #expect(try await old.get(Self.path).status == 303)
        let secret = String(cookie.dropFirst("__Host-pharos=".count).prefix(64))
        #expect(
            try await Browser(console: console, cookie: secret).get(Self.path).text.contains(
                "<bdi>Link made by root</bdi> (administrator)"
            )
        )

        let guessed = try TestConsole()
        let guesser = Browser(console: guessed, cookie: nil)
        for _ in 0..<10 { #expect(try await guesser.post("/link/abc", [:]).status == 400) }
        let limited = try await guesser.post("/link/abc", [:])
        #expect(limited.status == 429 && limited.response[.retryAfter] == "60")
        guessed.advance(minutes: 1)
        #expect(try await guesser.post("/link/abc", [:]).status == 400)
    }

    @Test("Signing out ends the session and has the browser forget")
    func signOut() async throws {
        let console = try TestConsole()
        let browser = console.signIn()
        let form = Browser.form(of: try await browser.get(Self.path).text)
        let answer = try await browser.post("/sign-out", form)
        #expect(answer.response[FieldName("Set-Cookie")]?.contains("Max-Age=0") == true)
        #expect(try await browser.get(Self.path).status == 303)
    }

    @Test("At most so many sessions are kept: the one that rested longest ends")
    func bound() async throws {
        let console = try TestConsole()
        let first = console.signIn()
        console.advance(minutes: 1)
        let second = console.signIn()
        for _ in 0..<(SessionStore.sessionsMax - 1) { _ = console.signIn() }
        #expect(console.handler.sessions.count == SessionStore.sessionsMax)
        #expect(try await first.get(Self.path).status == 303)
        #expect(try await second.get(Self.path).status == 200)
    }

    @Test(
        "Every page is stored nowhere, runs nothing of others and shows in no frame",
        arguments: ["/", "/sign-in", "/nowhere", path]
    )
    func headers(path: String) async throws {
        let response = try await TestConsole().signIn().get(path).response
        #expect(
            response[FieldName("Content-Security-Policy")]?.contains("default-src 'none'; script-src 'self'")
                == true
        )
        #expect(response[FieldName("Cache-Control")] == "no-store")
        #expect(response[FieldName("X-Frame-Options")] == "DENY")
    }

    @Test("A page that follows along keeps no session alive, and is never told to stop asking")
    func following() async throws {
        let console = try TestConsole()
        let browser = console.signIn()
        let events = "/tenants/acme/sync/events?after=1"
        let unreachable = try await browser.get(events)
        console.backend.answer("GET /tenants/acme/activity?after=1", #"{"lastSequence":2}"#)
        console.backend.answer("GET /tenants/acme/activity", #"{"lastSequence":2,"exchanges":[]}"#)
        #expect(unreachable.status == 404)
        for _ in 0..<2 {
            console.advance(minutes: 14)
            #expect(try await browser.get(events).text.contains("event: news"))
        }
        console.advance(minutes: 3)
        #expect(try await browser.get(events).response[FieldName("Location")] == "/sign-in")
        let other = console.signIn()
        for _ in 0..<ContactPage.watchersMax { #expect(console.handler.watchers.begin()) }
        let full = try await other.get(events)
        #expect(full.status == 200 && full.text == "retry: 5000\n\n")
    }

    @Test(
        "A form is received by its head: of nobody, of a reader, from another site and for another tenant it is not",
        arguments: [
            (Role?.none, "acme", "same-origin", UInt16(403)), (.reader, "acme", "same-origin", 403),
            (.owner, "acme", "cross-site", 403), (.owner, "globex", "same-origin", 404),
            (.owner, "acme", "same-origin", 0),
        ] as [(Role?, String, String, UInt16)]
    )
    func admission(role: Role?, tenant: String, site: String, status: UInt16) throws {
        let console = try TestConsole()
        var fields = [(FieldName("Host"), "console.example.com"), (FieldName("Sec-Fetch-Site"), site)]
        if let role {
            fields.append((FieldName("Cookie"), "\(sessionCookie.name)=\(console.signIn(role).cookie ?? "")"))
        }
        let head = Request(
            method: .post,
            target: try Target("/tenants/\(tenant)/token/generate"),
            fields: Fields(fields),
            peer: Peer(address: "192.0.2.1", isSecure: true)
        )
        switch console.handler.admit(head) {
        case .receive: #expect(status == 0)
        case .answered(let response): #expect(response.status.code == status)
        }
    }

    @Test(
        "What is no tenant's name reaches no command, not even an operator's",
        arguments: ["acme%3Fx=1", "a%20b", "A", "a.b"]
    )
    func names(name: String) async throws {
        let console = try TestConsole()
        #expect(try await console.signIn(.owner, .everything).get("/tenants/\(name)/users").status == 404)
        #expect(console.backend.commands.isEmpty)
    }

    @Test(
        "The trail names a person by an address, and by nothing that an operator may be called",
        arguments: [
            ("ann@acme.example", true), ("a+b@acme.example", true), ("root", false), ("link.root", false),
            ("@\n", false),
            ("\(String(repeating: "a", count: 60))@b.cd", false),
        ]
    )
    func addresses(text: String, isOne: Bool) { #expect(Person.isRecordableAddress(text) == isOne) }
}
