import HTTP
import Identity
import JSON
import Locking
import TestSupport
import Testing

@testable import Console

@Suite("Sign-in to the console by a provider")
struct ProviderSignInTests {
    private static let page = "/tenants/acme/secure/advanced"

    /// A file that gives Jane of the test's provider roles.
    static func settings(
        roles: String = #""owners":["jane@example.com"]"#,
        issuer: String = TestProvider.issuer,
        more: String = ""
    ) throws -> SignInSettings {
        let text = """
            {"tenants":{"acme":{"issuer":"\(issuer)","clientID":"\(TestProvider.clientID)",\(roles)\(more)}}}
            """
        return try SignInSettings(Array(text.utf8), consoleURL: "https://console.example.com")
    }

    private let provider = TestProvider()
    private let console: TestConsole

    init() throws {
        console = try TestConsole(signIn: Self.settings(), client: provider)
        console.backend.answer("POST /console-sign-ins", "{}")
    }

    /// What the provider's own page would lead back to.
    private func signIn(
        _ browser: Browser,
        isVerified: Bool = true
    ) async throws -> (status: UInt16, text: String, response: Response) {
        let begun = try await browser.get("/sign-in/tenants/acme")
        let location = try #require(begun.response[FieldName("Location")])
        let asked = try Target("/?" + location.split(separator: "?")[1])
        func parameter(_ name: String) -> String {
            asked.queryItems.first { $0.name == name }?.value ?? ""
        }
        let now = console.handler.environment.now() / 1_000_000
        let claims = TestToken.claims(nonce: parameter("nonce"))
            .with("exp", .number(JSONNumber(now + 300))).with("iat", .number(JSONNumber(now)))
            .with("email_verified", .bool(isVerified))
        let token = TestToken.make(claims)
        provider.change {
            $0.tokens = ["token_type": "bearer", "id_token": .string(token), "access_token": "at"]
        }
        let cookie = try #require(begun.response[FieldName("Set-Cookie")]).split(separator: ";")[0]
        return try await browser.get(
            "/sign-in/answer?code=c0de&state=\(parameter("state"))",
            fields: [(FieldName("Cookie"), String(cookie))]
        )
    }

    /// A browser in which Jane has signed in.
    private func jane() async throws -> Browser {
        let answer = try await signIn(Browser(console: console, cookie: nil))
        #expect(answer.status == 200, "\(answer.text)")
        let cookies = answer.response.fields.filter { $0.0 == FieldName("Set-Cookie") }.map(\.1)
        let own = try #require(
            cookies.first { $0.hasPrefix("\(sessionCookie.name)=") && !$0.contains("Max-Age") }
        )
        return Browser(
            console: console,
            cookie: String(own.dropFirst(sessionCookie.name.utf8.count + 1).prefix(64))
        )
    }

    @Test(
        "The server is told of a sign-in before the session begins, and of the sign-out; nobody is let in unrecorded"
    )
    func recorded() async throws {
        let jane = try await jane()
        #expect(console.backend.signIns == ["jane@example.com signedIn acme owner 192.0.2.1"])
        _ = try await jane.post("/sign-out", Browser.form(of: try await jane.get(Self.page).text))
        #expect(console.backend.signIns.last == "jane@example.com signedOut acme 192.0.2.1")
        #expect(try await jane.get(Self.page).status == 303)

        console.backend.answer("POST /console-sign-ins", "not JSON")
        let unrecorded = try await signIn(Browser(console: console, cookie: nil))
        #expect(unrecorded.status == 503)
        #expect(!unrecorded.response.fields.contains { $0.1.hasPrefix(sessionCookie.name + "=") })
    }

    @Test(
        "Two calls to a provider are under way at the most, and only who has signed out just now has it asked"
    )
    func calls() async throws {
        let held = HeldWork()
        let console = try TestConsole(signIn: Self.settings(), client: provider, outgoing: held)
        let nobody = Browser(console: console, cookie: nil)
        #expect(try await nobody.get("/sign-in?out=1&from=acme").status == 200 && held.count == 0)
        let statuses = try await withThrowingTaskGroup(of: UInt16.self) { group in
            for _ in 0..<5 { group.addTask { try await nobody.get("/sign-in/tenants/acme").status } }
            var statuses: [UInt16] = []
            while let status = try await group.next() {
                statuses.append(status)
                if statuses.count == 3 { held.release() }
            }
            return statuses
        }
        #expect(statuses == [429, 429, 429, 303, 303])
        let jane = console.signIn()
        // The server's pages wait for no provider.
        #expect(try await jane.get(Self.page).status == 200)
    }

    @Test("The server is told of whom nobody gave a role, and of answers that were refused")
    func refused() async throws {
        console.handler.replace(try Self.settings(roles: #""owners":["others"]"#))
        let without = try await signIn(Browser(console: console, cookie: nil))
        #expect(without.status == 400 && without.text.contains("nobody has given you a role"))
        #expect(console.backend.signIns == ["jane@example.com noRole acme 192.0.2.1"])
        provider.change { $0.failures["/token"] = .unreachable(host: "id.example", reason: "away") }
        #expect(try await signIn(Browser(console: console, cookie: nil)).status == 400)
        #expect(console.backend.signIns.last == "nobody refused acme 192.0.2.1")
    }

    @Test("Another file: who is named stays signed in, with the role that it gives; who is not, is out")
    func replaced() async throws {
        let (jane, link) = (try await jane(), console.signIn())
        #expect(try await jane.get(Self.page).text.contains("<bdi>Jane Doe</bdi> (owner)"))

        console.handler.replace(try Self.settings(roles: #""readers":["248289761001"],"owners":["others"]"#))
        let page = try await jane.get(Self.page)
        #expect(
            page.text.contains("<bdi>Jane Doe</bdi> (read-only)") && !page.text.contains("token/generate")
        )
        #expect(
            try await jane.post("/tenants/acme/token/generate", Browser.form(of: page.text)).status == 403
        )

        console.handler.replace(try Self.settings(roles: #""owners":["others"]"#))
        #expect(try await jane.get(Self.page).status == 303)
        #expect(try await link.get(Self.page).status == 200)
        console.handler.replace(try Self.settings())
        #expect(try await jane.get(Self.page).status == 303)
    }

    @Test("A session ends where another provider takes the place of its own, or none does")
    func otherProvider() async throws {
        for settings in [try Self.settings(issuer: "https://other.example"), SignInSettings.none] {
            console.handler.replace(try Self.settings())
            let jane = try await jane()
            #expect(try await jane.get(Self.page).status == 200)
            console.handler.replace(settings)
            #expect(try await jane.get(Self.page).status == 303)
        }
    }

    @Test("From a file that asks for digests on, also those who are signed in are recorded by one")
    func digests() async throws {
        let jane = try await jane()
        console.handler.replace(try Self.settings(more: #","recordsDigests":true,"clientSecret":"s""#))
        let form = Browser.form(of: try await jane.get(Self.page).text)
        _ = try await jane.post("/tenants/acme/token/generate", form)
        let person = try #require(console.backend.changes.last?.person)
        #expect(person.hasPrefix("person.") && !person.contains("jane"))
        // Without a key anybody could work out whose digest it is.
        #expect(throws: SignInSettings.Fault.self) {
            try Self.settings(more: #","recordsDigests":true"#)
        }
    }

    @Test("An address that the provider calls unverified names nobody in the trail")
    func unverified() async throws {
        console.handler.replace(try Self.settings(roles: #""owners":["248289761001"]"#))
        let answer = try await signIn(Browser(console: console, cookie: nil), isVerified: false)
        #expect(answer.status == 200)
        let told = try #require(console.backend.signIns.last)
        #expect(told.hasPrefix("person.") && !told.contains("jane"))
    }
}

/// Work that is taken and not done before it is let go.
private final class HeldWork: BackgroundWork {
    private let bodies = Locked<[@Sendable () -> Void]>([])

    var count: Int { bodies.withLock(\.count) }

    func start(for tenant: UInt32, _ body: @escaping @Sendable () -> Void) -> Bool {
        bodies.withLock { $0.append(body) }
        return true
    }

    func release() {
        let all = bodies.withLock { bodies in
            defer { bodies = [] }
            return bodies
        }
        for body in all { body() }
    }
}
