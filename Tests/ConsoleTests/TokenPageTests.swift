import Foundation
import HTTP
import JSON
import Testing

@testable import Console

@Suite("Tokens in the console")
struct TokenPageTests {
    private static let path = "/tenants/acme/secure/advanced"
    private static let twoTokens = """
        {"tokens":[
          {"id":"aaaaaaaaaaaa","created":"2026-11-01T10:00:00Z","expires":"2026-11-30T10:00:00Z","live":true,"lastUsed":"OLD","lastClient":"okta"},
          {"id":"bbbbbbbbbbbb","created":"2026-11-02T10:00:00Z","expires":"2027-11-02T10:00:00Z","live":true,"firstUsed":"FIRST","lastUsed":"NEW","lastClient":"okta"}]}
        """

    @Test("No page makes a token: opening it, reloading it, a second tab")
    func opening() async throws {
        let console = try TestConsole()
        let browser = console.signIn()
        for _ in 0..<3 {
            let page = try await browser.get(Self.path)
            #expect(page.status == 200 && page.text.contains("Generate Token"))
        }
        _ = try await browser.get("/tenants/acme/direct/settings")
        #expect(try await browser.get("/tenants/acme/token/generate").status == 404)
        #expect(console.backend.changes.isEmpty)
    }

    @Test(
        "A form makes one token, however often it is sent: at the same time, again, and after the page was left"
    )
    func once() async throws {
        let console = try TestConsole()
        let browser = console.signIn()
        let form = Browser.form(of: try await browser.get(Self.path).text)
        async let first = browser.post("/tenants/acme/token/generate", form)
        async let second = browser.post("/tenants/acme/token/generate", form)
        let answers = try await [first, second]
        #expect(answers.map(\.status).sorted() == [200, 409])
        #expect(answers.count { $0.text.contains("pharos_scim_0_1") } == 1)
        let third = try await browser.post("/tenants/acme/token/generate", form)
        #expect(third.status == 409 && third.text.contains("The token was made already"))
        #expect(console.backend.changes.count == 1)
        #expect(console.backend.changes.first?.person == "link.root")
        #expect(answers.allSatisfy { $0.response[FieldName("Cache-Control")] == "no-store" })
    }

    @Test("A form of another session, without a secret, from another site or without a number does nothing")
    func foreignForms() async throws {
        let console = try TestConsole()
        let browser = console.signIn()
        let other = console.signIn()
        let form = Browser.form(of: try await browser.get(Self.path).text)
        let action = "/tenants/acme/token/generate"
        #expect(try await other.post(action, form).status == 403)
        #expect(try await browser.post(action, ["number": "1"]).status == 403)
        #expect(try await browser.post(action, ["secret": form["secret"] ?? ""]).status == 403)
        for fields in [
            [(FieldName("Origin"), "https://evil.example")], [(FieldName("Sec-Fetch-Site"), "cross-site")],
            [(FieldName("Origin"), "null")],
        ] {
            #expect(try await browser.post(action, form, fields: fields).status == 403)
        }
        #expect(console.backend.changes.isEmpty)
        let own = [
            (FieldName("Origin"), "https://console.example.com"),
            (FieldName("Sec-Fetch-Site"), "same-origin"),
        ]
        #expect(try await browser.post(action, form, fields: own).status == 200)
    }

    @Test("Regenerating asks first, names the client that stops working, and offers an overlap")
    func regenerate() async throws {
        let console = try TestConsole()
        let browser = console.signIn()
        console.backend.answer("GET /tenants/acme/tokens", Self.twoTokens)
        let several = try await browser.get("/tenants/acme/token/regenerate").text
        #expect(
            several.contains("More than one token is valid already") && !several.contains("stops working")
        )
        #expect(several.contains("aaaaaaaaaaaa") && several.contains("bbbbbbbbbbbb"))
        console.backend.answer(
            "GET /tenants/acme/tokens",
            Self.twoTokens.replacing(#""live":true,"firstUsed""#, with: #""live":false,"firstUsed""#)
        )
        console.backend.answer(
            "POST /tenants/acme/tokens/regenerate",
            #"{"tenantURL":"u","token":"pharos_scim_new","id":"c","expires":"2027-11-29T10:00:00Z"}"#
        )
        let page = try await browser.get("/tenants/acme/token/regenerate").text
        #expect(page.contains("Okta stops working"))
        #expect(console.backend.changes.isEmpty)
        var form = Browser.form(of: page)
        form["overlap"] = "year"
        #expect(try await browser.post("/tenants/acme/token/regenerate", form).status == 400)
        form["overlap"] = "week"
        #expect(
            try await browser.post("/tenants/acme/token/regenerate", form).text.contains("pharos_scim_new")
        )
        let seconds = console.backend.changes.last?.body.map { $0.integer("overlapSeconds") }
        #expect(seconds == 7 * 86_400)
    }

    @Test(
        "Of two live tokens the page tells whether the old one can end",
        arguments: [
            ("", "", "", "Nobody has used the new token yet"),
            (
                "2026-11-17T10:00:00Z", "", "",
                "Okta used the old token 25 hours ago. Nobody has used the new token yet"
            ),
            ("2026-11-16T10:00:00Z", "2026-11-17T10:00:00Z", "2026-11-18T10:00:00Z", "the old one can end"),
            (
                "2026-11-18T09:55:00Z", "2026-11-17T10:00:00Z", "2026-11-18T10:00:00Z",
                "still holds the old token"
            ),
            (
                "2026-11-18T10:00:00Z", "2026-11-17T10:00:00Z", "2026-11-17T10:00:00Z",
                "still holds the old token"
            ),
            (
                "2026-11-18T09:00:00Z", "2026-11-17T10:00:00Z", "2026-11-18T10:00:00Z",
                "the old one can end"
            ),
        ]
    )
    func replacement(old: String, first: String, new: String, sentence: String) async throws {
        let console = try TestConsole()
        let answer = Self.twoTokens.replacing("OLD", with: old).replacing("FIRST", with: first)
            .replacing("NEW", with: new)
        console.backend.answer("GET /tenants/acme/tokens", answer)
        let page = try await console.signIn().get(Self.path).text
        #expect(page.contains(sentence))
        #expect(page.contains("/tenants/acme/token/aaaaaaaaaaaa/end"))
        #expect(!page.contains("/tenants/acme/token/bbbbbbbbbbbb/end"))
    }

    @Test(
        "No token is made, whatever is sent, where SCIM is not enabled or OpenID is not used",
        arguments: [
            (#""scimEnabled":false,"authentication":"openid""#, "SCIM is not enabled"),
            (#""scimEnabled":true,"authentication":"saml""#, "OpenID authentication only"),
        ]
    )
    func obstacles(settings: String, sentence: String) async throws {
        let console = try TestConsole()
        console.backend.answer("GET /tenants/acme", #"{"name":"acme",\#(settings)}"#)
        console.backend.answer("GET /tenants/acme/tokens", Self.twoTokens)
        console.backend.answer("POST /tenants/acme/tokens/regenerate", "{}")
        let browser = console.signIn()
        var form = Browser.form(of: try await browser.get("/tenants/acme/users").text)
        form["secret"] = Browser.hidden("secret", in: try await browser.get(Self.path).text)
        form["number"] = "1"
        form["overlap"] = "day"
        for path in ["generate", "regenerate"] {
            let answer = try await browser.post("/tenants/acme/token/\(path)", form)
            #expect(answer.status == 400 && answer.text.contains(sentence), "\(path)")
        }
        #expect(try await browser.get("/tenants/acme/token/regenerate").status == 303)
        #expect(console.backend.changes.isEmpty)
    }

    @Test("A form acts on the tokens that its page told of, and on no others")
    func shown() async throws {
        let console = try TestConsole()
        console.backend.answer("GET /tenants/acme/tokens", Self.twoTokens)
        console.backend.answer("DELETE /tenants/acme/tokens/aaaaaaaaaaaa", "{}")
        console.backend.answer("POST /tenants/acme/tokens/regenerate", #"{"token":"t"}"#)
        let browser = console.signIn()
        var regenerate = Browser.form(of: try await browser.get("/tenants/acme/token/regenerate").text)
        regenerate["overlap"] = "none"
        _ = try await browser.post("/tenants/acme/token/regenerate", regenerate)
        #expect(
            console.backend.changes.last?.body?.texts("replaces") == ["bbbbbbbbbbbb", "aaaaaaaaaaaa"]
        )
        let path = "/tenants/acme/token/aaaaaaaaaaaa/end"
        let end = Browser.form(of: try await browser.get(path).text)
        console.backend.answer(
            "GET /tenants/acme/tokens",
            Self.twoTokens.replacing(#""live":true,"firstUsed""#, with: #""live":false,"firstUsed""#)
        )
        let count = console.backend.changes.count
        let answer = try await browser.post(path, end)
        #expect(answer.status == 409 && answer.text.contains("have changed since that page"))
        #expect(console.backend.changes.count == count)
        console.backend.answer("GET /tenants/acme/tokens", Self.twoTokens)
        #expect(try await browser.post(path, end).status == 303)
        #expect(console.backend.changes.count == count + 1)
    }

    @Test("A form that could not be carried out can be sent again, and then does what it says, once")
    func again() async throws {
        let console = try TestConsole()
        let browser = console.signIn()
        let form = Browser.form(of: try await browser.get(Self.path).text)
        let answer = #"{"tenantURL":"u","token":"pharos_scim_new","id":"c","expires":"2027-11-29T10:00:00Z"}"#
        console.backend.answer("POST /tenants/acme/tokens", "no answer")
        #expect(try await browser.post("/tenants/acme/token/generate", form).status == 503)
        console.backend.answer("POST /tenants/acme/tokens", answer)
        #expect(try await browser.post("/tenants/acme/token/generate", form).status == 200)
        #expect(try await browser.post("/tenants/acme/token/generate", form).status == 409)
        #expect(console.backend.changes.count == 2)
    }

    @Test(
        "The old token's end by itself is chosen on the page, which tells the choice; nothing else can be chosen"
    )
    func retire() async throws {
        let console = try TestConsole()
        let browser = console.signIn()
        console.backend.answer("GET /tenants/acme/tokens", Self.twoTokens)
        console.backend.answer("POST /tenants/acme/tokens/aaaaaaaaaaaa/retire", "{}")
        let action = "/tenants/acme/token/aaaaaaaaaaaa/retire"
        let page = try await browser.get(Self.path).text
        #expect(page.contains(#"value="never" checked"#) && page.contains(action))
        var form = Browser.form(of: page)
        for (path, choice, status) in [
            (action, "year", 400), (action, "", 400), ("/tenants/acme/token/a-b/retire", "hour", 404),
        ] {
            form["unused"] = choice
            #expect(try await browser.post(path, form).status == status)
        }
        #expect(console.backend.changes.isEmpty)
        form["unused"] = "hour"
        for _ in 0..<2 { #expect(try await browser.post(action, form).status == 303) }
        #expect(console.backend.changes.map { $0.body?.integer("unusedSeconds") } == [3_600])
        for role in [Role.administrator, .reader] {
            let other = console.signIn(role)
            let page = try await other.get(Self.path).text
            #expect(!page.contains("/retire"))
            let sent = Browser.form(of: page).merging(["unused": "hour"]) { _, new in new }
            #expect(try await other.post(action, sent).status == 403)
        }
        let chosen = Self.twoTokens.replacing(#""lastUsed":"OLD""#, with: #""endsUnusedSeconds":3600"#)
        console.backend.answer("GET /tenants/acme/tokens", chosen)
        let told = try await browser.get(Self.path).text
        #expect(
            told.contains("has used the old one for 60 minutes") && told.contains(#"value="hour" checked"#)
        )
    }

    @Test("Where SCIM is not enabled or OpenID is not used, Generate Token is off and the page says why")
    func off() async throws {
        let console = try TestConsole()
        let browser = console.signIn()
        console.backend.answer(
            "GET /tenants/acme",
            #"{"name":"acme","scimEnabled":false,"authentication":"openid"}"#
        )
        let page = try await browser.get(Self.path).text
        #expect(page.contains("<button disabled") && page.contains("available upon request"))
        #expect(page.contains("Ask for SCIM") && !page.contains("token/generate"))
        console.backend.answer(
            "GET /tenants/acme",
            #"{"name":"acme","scimEnabled":true,"authentication":"saml"}"#
        )
        #expect(try await browser.get(Self.path).text.contains("supports OpenID authentication only"))
    }

    @Test("The file holds what the dialog shows, and is refused where that is no credential")
    func download() async throws {
        let console = try TestConsole()
        let browser = console.signIn()
        var form = Browser.form(of: try await browser.get(Self.path).text)
        form["tenantURL"] = "https%3A%2F%2Fscim.example.com%2Facme%2Fscim%2Fv2"
        form["token"] = "pharos_scim_0_1"
        form["expires"] = "2027-11-29T10%3A00%3A00Z"
        let file = try await browser.post("/tenants/acme/token/download", form)
        #expect(
            file.response[FieldName("Content-Disposition")]
                == "attachment; filename=\"scim-credentials-acme.json\""
        )
        #expect(
            file.text
                == #"{"tenantURL":"https://scim.example.com/acme/scim/v2","token":"pharos_scim_0_1","expires":"2027-11-29T10:00:00Z"}"#
                + "\n"
        )
        form["token"] = "a%0Ab"
        #expect(try await browser.post("/tenants/acme/token/download", form).status != 200)
    }
}
