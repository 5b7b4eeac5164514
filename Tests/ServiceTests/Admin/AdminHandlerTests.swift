import Directory
import HTTP
import JSON
import Logging
import SCIM
import Service
import Storage
import Tenancy
import TestSupport
import Testing

@Suite("The administration interface")
struct AdminHandlerTests {
    @Test(
        "A compressed body is 415 with what would be read, and nothing is done; identity is no coding",
        arguments: [("gzip", 415), ("identity", 201)]
    )
    func contentCoding(coding: String, status: UInt16) async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let fields = [(FieldName.contentEncoding, coding)]
        let response = try await send(.post, "/tenants", #"{"name":"acme"}"#, fields, to: service)
        #expect(response.status.code == status)
        #expect(response[FieldName.acceptEncoding] == (status == 415 ? "identity" : nil))
        #expect(try service.administration.tenants().count == (status == 415 ? 0 : 1))
    }

    @Test(
        "Of who may not administer no body is received, nor one that is compressed",
        arguments: [(0, "identity", nil), (1, "identity", 403), (0, "gzip", 415)]
            as [(UInt32, String, UInt16?)]
    )
    func admission(user: UInt32, coding: String, status: UInt16?) throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let head = Request(
            method: .post,
            target: try Target("/tenants"),
            fields: Fields([(.contentEncoding, coding)]),
            peer: Peer(address: nil, userID: user, isSecure: false)
        )
        switch service.adminHandler().admit(head) {
        case .receive: #expect(status == nil)
        case .answered(let answer): #expect(answer.status.code == status)
        }
    }

    @Test("Every setting of the table is set by its path, shown by its name, and recorded by its words")
    func settings() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        var tenant = TestAnswer(try await send(.post, "/tenants", #"{"name":"acme"}"#, to: service))
        for setting in TenantSetting.all {
            let path = "/tenants/acme/\(setting.hyphenatedName)"
            #expect(tenant.value(setting.name) == .string(setting.initial.text))
            for word in setting.words.filter({ $0 != setting.initial }) + [setting.initial] {
                let old = try tenant.text(setting.name)
                let body = #"{"\#(setting.name)":"\#(word.text)"}"#
                tenant = TestAnswer(try await send(.post, path, body, to: service))
                #expect(tenant.status == 200)
                let shown = TestAnswer(try await send(.get, "/tenants/acme", to: service))
                for answer in [tenant, shown] { #expect(answer.value(setting.name) == .string(word.text)) }
                let record = try #require(try service.records().last)
                let concernsTrail = setting.name.hasPrefix("audit")
                #expect(record["SCIM_EVENT"] == (concernsTrail ? "audit.policy" : "tenant.update"))
                #expect(record["SCIM_ATTR"] == setting.name)
                #expect([record["SCIM_SETTING_OLD"], record["SCIM_SETTING_NEW"]] == [old, word.text])
            }
            let count = try service.records().count
            for body in ["", #"{"\#(setting.name)":"nonesuch"}"#] {
                let refused = TestAnswer(try await send(.post, path, body, to: service))
                #expect(refused.status == 400)
                for word in setting.words { #expect(try refused.text("message").contains(word.text)) }
            }
            #expect(try service.records().count == count)
        }
    }

    /// Commands with a body, and a member of it with a value that it cannot have.
    private static let commands: [(path: String, wrong: String)] = [
        ("/tenants", #""name":7"#), ("/tenants", #""profile":["okta"]"#),
        ("/tenants/acme/set-profile", #""profile":"okta""#), ("/tenants/acme/profile", #""profile":true"#),
        ("/tenants/acme/tokens", #""overlapSeconds":7"#),
        ("/tenants/acme/tokens/regenerate", #""overlapSeconds":9e18"#),
        ("/tenants/acme/tokens/regenerate", #""overlapSeconds":1.5"#),
        ("/tenants/acme/tokens/regenerate", #""overlapSeconds":"60""#),
        ("/tenants/acme/tokens/x/retire", #""unusedSeconds":"60""#),
        ("/tenants/acme/schemas", #""required":"true""#), ("/tenants/acme/schemas", #""extend":7"#),
        ("/tenants/acme/resource-types", #""files":[]"#), ("/tenants/acme/import/users", #""lines":{}"#),
        ("/tenants/acme/import/cards", #""atomic":1"#),
        ("/tenants/acme/import/resources", #""dryRun":"false""#),
        ("/tenants/acme/enable-scim", #""enabled":false"#), ("/tenants/acme/clear-ignored", #""all":true"#),
        ("/check", #""repair":true"#), ("/reload", #""force":true"#),
    ]

    @Test("A body that is not what a command takes is refused, and changes nothing", arguments: commands)
    func malformedBodies(path: String, wrong: String) async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        _ = try await send(.post, "/tenants", #"{"name":"acme"}"#, to: service)
        _ = try await send(.post, "/tenants/acme/tokens", to: service)
        let count = try service.records().count
        let bodies = ["{", "[]", "7", "null", #"{"a":1,"a":1}"#, #"{"nonsense":1}"#, "{} {}", "{\(wrong)}"]
        for body in bodies {
            let answer = TestAnswer(try await send(.post, path, body, to: service))
            #expect(answer.status == 400, "\(body)")
            #expect(try answer.text("error") == "refused")
        }
        #expect(try service.records().count == count)
        let tokens = try service.administration.tokens(of: "acme")
        #expect(tokens.count == 1 && tokens[0].revoked == nil)
    }

    @Test(
        "The activity of a tenant is shown whole, or from a number on; what is asked for otherwise is refused"
    )
    func activity() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let client = try await service.client()
        _ = try await service.client("beta")
        _ = try await client.send(.get, "/Users", fields: [(.userAgent, "Okta SCIM Client 1.0.0")])
        _ = try await client.send(.post, "/Users", "{")
        let whole = TestAnswer(try await send(.get, "/tenants/acme/activity", to: service))
        #expect(whole.texts("exchanges", "route") == ["Users", "Users"])
        #expect(whole.texts("exchanges", "client") == ["okta"])
        #expect(whole.texts("failures", "reason") == ["invalidSyntax"])
        let id = try #require(try service.administration.tokens(of: "acme").first?.id)
        #expect(whole.texts("exchanges", "token") == [id, id])
        #expect(whole.texts("tokens", "lastClient") == ["okta"])
        guard case .number(let number)? = whole.value("lastSequence"), let last = number.int64 else {
            Issue.record("There is no lastSequence.")
            return
        }
        for (after, count) in [(0, 2), (last - 1, 1), (last, 0)] {
            let path = "/tenants/acme/activity?after=\(after)&wait=0"
            let later = TestAnswer(try await send(.get, path, to: service))
            #expect(later.texts("exchanges", "time").count == count)
            #expect(later.texts("hours", "hour").count == 1)
        }
        async let awaited = send(.get, "/tenants/acme/activity?after=\(last)&wait=25", to: service)
        try await Task.sleep(for: .milliseconds(20))
        _ = try await client.send(.get, "/Groups")
        #expect(TestAnswer(try await awaited).texts("exchanges", "route") == ["Groups"])
        let none = TestAnswer(try await send(.get, "/tenants/beta/activity", to: service))
        #expect(none.texts("exchanges", "route") == [])
        for query in ["wait=5", "after=-1", "after=x", "after=1&wait=26", "after=1&wait=-1", "since=3"] {
            #expect(
                try await send(.get, "/tenants/acme/activity?\(query)", to: service).status == .badRequest
            )
        }
        #expect(try await send(.get, "/tenants/none/activity", to: service).status == .notFound)
    }

    @Test("Tokens are listed with their state, who made them, and their last use; what is to be done is said")
    func tokens() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let client = try await service.client()
        _ = try await client.send(.get, "/Users", fields: [(.userAgent, "Okta SCIM Client 1.0.0")])
        service.clock.advance(days: 340)
        let expiring = TestAnswer(try await send(.get, "/tenants/acme/tokens", to: service))
        #expect(expiring.texts("tokens", "state") == ["expiring"])
        #expect(expiring.texts("tokens", "lastClient") == ["okta"])
        #expect(expiring.texts("tokens", "message").first?.contains("in 25 days") == true)
        let shown = TestAnswer(try await send(.get, "/tenants/acme", to: service))
        #expect(try shown.text("tokenMessages", "0").contains("in 25 days"))
        let body = #"{"overlapSeconds":60}"#
        _ = try await send(.post, "/tenants/acme/tokens/regenerate", body, to: service)
        let both = TestAnswer(try await send(.get, "/tenants/acme/tokens", to: service))
        #expect(both.texts("tokens", "state") == ["overlapping", "live"])
        #expect(try both.text("tokens", "0", "createdBy", "type") == "system")
        #expect(try both.text("tokens", "1", "createdBy", "id") == "0")
        #expect(both.texts("tokens", "lastUsed").count == 1)
        let calm = TestAnswer(try await send(.get, "/tenants/acme", to: service))
        #expect(calm.value("tokenMessages") == .array([]))
    }

    @Test("SCIM is asked for by a path without a body, and shown until it is enabled")
    func requestSCIM() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        _ = try await send(.post, "/tenants", #"{"name":"acme"}"#, to: service)
        let path = "/tenants/acme/request-scim"
        #expect(try await send(.post, path, #"{"by":"me"}"#, to: service).status == .badRequest)
        let asked = TestAnswer(try await send(.post, path, to: service))
        #expect(asked.status == 200)
        #expect(try asked.text("scimRequested", "by", "id") == "0")
        for answer in [
            TestAnswer(try await send(.post, path, to: service)),
            TestAnswer(try await send(.get, "/tenants/acme", to: service)),
        ] { #expect(answer.value("scimRequested") == asked.value("scimRequested")) }
        let enabled = TestAnswer(try await send(.post, "/tenants/acme/enable-scim", to: service))
        #expect(enabled.value("scimRequested") == nil)
    }

    @Test("A tenant is created with any of the settings, which are recorded like changes")
    func creation() async throws {
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))
        let words = TenantSetting.all.map { ($0.name, $0.words.last?.text ?? "") }
        let members = words.map { #""\#($0)":"\#($1)""# }.joined(separator: ",")
        let body = #"{"name":"acme",\#(members)}"#
        let created = TestAnswer(try await send(.post, "/tenants", body, to: service))
        #expect(created.status == 201)
        for (name, word) in words { #expect(created.value(name) == .string(word)) }
        let records = try service.records()
        #expect(records.map { $0["SCIM_ATTR"] } == [nil] + words.map(\.0))
        #expect(records.map { $0["SCIM_SETTING_NEW"] } == [nil] + words.map(\.1))
        let refused = try await send(.post, "/tenants", #"{"name":"beta","profile":"none"}"#, to: service)
        #expect(refused.status == .badRequest)
        #expect(try service.administration.tenants().count == 1)
    }

    private func send(
        _ method: HTTP.Method,
        _ path: String,
        _ body: String = "",
        _ fields: [(FieldName, String)] = [],
        to service: TestService
    ) async throws -> Response {
        try await service.adminHandler(userName: { "\($0)" })
            .answer(method, path, body, fields: fields).response
    }
}
