import HTTP
import Testing

@testable import Console

@Suite("Sessions and what they let people do")
struct SessionTests {
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
            #"{"tenant":"acme","role":"administrator","by":"root"}"#
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
                "Link made by root (administrator)"
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
}
