import Audit
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

@Suite("What the console asks the administration interface")
struct AdminConsoleTests {
    private let service: TestService

    init() {
        let clock = TestClock()
        let store = MemoryStore(clock: { clock.now().microseconds })
        service = TestService(store: store, executors: [QueueExecutor(label: "loop")], clock: clock)
    }

    private func send(
        _ method: HTTP.Method,
        _ path: String,
        _ body: String = "",
        person: String? = nil
    ) async throws -> TestAnswer {
        let handler = handler
        return try await send(method, path, body, person: person, to: handler)
    }

    private func send(
        _ method: HTTP.Method,
        _ path: String,
        _ body: String = "",
        person: String? = nil,
        to handler: AdminHandler
    ) async throws -> TestAnswer {
        try await handler.answer(method, path, body, fields: person.map { [(FieldName.person, $0)] } ?? [])
    }

    private var handler: AdminHandler { service.adminHandler() }

    @Test("A link is good for one sign-in, for its tenant and role, and another one is not")
    func links() async throws {
        let handler = handler
        _ = try await service.client()
        let link = try await send(.post, "/console-links", #"{"tenant":"acme","role":"reader"}"#, to: handler)
        #expect(link.status == 201)
        let secret = try link.text("path").dropFirst("/link/".count)
        #expect(secret.count == 64)
        let wrong = try await send(
            .post,
            "/console-links/redeem",
            #"{"secret":"\#(secret.dropLast())0x"}"#,
            to: handler
        )
        #expect(wrong.status == 404)
        let used = try await send(.post, "/console-links/redeem", #"{"secret":"\#(secret)"}"#, to: handler)
        #expect(
            try used.text("tenant") == "acme" && used.text("role") == "reader" && used.text("by") == "root"
        )
        #expect(
            try await send(.post, "/console-links/redeem", #"{"secret":"\#(secret)"}"#, to: handler).status
                == 404
        )
    }

    @Test("Making a link, using it and trying a wrong one each leave a record, with the browser's address")
    func linkRecords() async throws {
        let handler = handler
        _ = try await service.client()
        let before = try service.records().count
        let made = try await send(.post, "/console-links", #"{"tenant":"acme","role":"reader"}"#, to: handler)
        let secret = try made.text("path").dropFirst("/link/".count)
        for _ in 0..<2 {
            let body = #"{"secret":"\#(secret)","address":"2001:db8::7"}"#
            _ = try await send(.post, "/console-links/redeem", body, to: handler)
        }
        try await service.flushAudit()
        let records = try service.records().dropFirst(before)
        #expect(records.map { $0["SCIM_EVENT"] } == ["console.link", "console.signin", "console.refused"])
        #expect(records.map { $0["SCIM_ACTOR_ID"] } == ["root", "link.root", nil])
        #expect(records.map { $0["SCIM_TENANT"] } == ["acme", "acme", nil])
        #expect(records.map { $0["SCIM_IP"] } == [nil, "2001:db8::7", "2001:db8::7"])
        #expect(records.map { $0["SCIM_ROLE"] } == ["reader", "reader", nil])
        #expect(records.map { $0["SCIM_SIGN_IN"] } == [nil, "link", nil])
        #expect(records.map { $0["SCIM_REASON"] } == [nil, nil, "unknown"])
        #expect(records.first?["SCIM_EXPIRES"] != nil)
        for record in records { for value in record.values { #expect(!value.contains(secret)) } }
    }

    @Test("A link that cannot be recorded is not made, and a sign-in by one neither")
    func unrecordedLinks() async throws {
        let handler = handler
        let made = try await send(.post, "/console-links", to: handler)
        let secret = try made.text("path").dropFirst("/link/".count)
        service.gate.setAccepting(false)
        #expect(try await send(.post, "/console-links", to: handler).status == 503)
        let body = #"{"secret":"\#(secret)"}"#
        #expect(try await send(.post, "/console-links/redeem", body, to: handler).status == 503)
    }

    @Test(
        "What the console tells of sign-ins and sign-outs is recorded",
        arguments: [
            (#""outcome":"signedIn","role":"owner""#, "console.signin", "success", nil),
            (#""outcome":"noRole""#, "console.signin", "failure", "role"),
            (#""outcome":"signedOut""#, "console.signout", "success", nil),
            (#""outcome":"refused""#, "console.refused", "failure", "provider"),
        ] as [(String, String, String, String?)]
    )
    func signIns(members: String, event: String, outcome: String, reason: String?) async throws {
        _ = try await service.client()
        let before = try service.records().count
        let person = event == "console.refused" ? nil : "ann@acme.example"
        let body = #"{\#(members),"tenant":"acme","address":"192.0.2.9"}"#
        #expect(try await send(.post, "/console-sign-ins", body, person: person).status == 200)
        try await service.flushAudit()
        let records = try service.records().dropFirst(before)
        #expect(records.count == 1)
        let record = try #require(records.first)
        #expect(record["SCIM_EVENT"] == event && record["SCIM_OUTCOME"] == outcome)
        #expect(record["SCIM_REASON"] == reason && record["SCIM_ACTOR_ID"] == person)
        #expect(record["SCIM_TENANT"] == "acme" && record["SCIM_IP"] == "192.0.2.9")
    }

    @Test(
        "What is no sign-in that could be is refused, and leaves no record",
        arguments: [
            (#"{}"#, "ann@a", 400), (#"{"outcome":"signedIn"}"#, "ann@a", 400),
            (#"{"outcome":"signedIn","role":"god"}"#, "ann@a", 400),
            (#"{"outcome":"signedIn","role":"owner"}"#, nil, 400), (#"{"outcome":"signedOut"}"#, nil, 400),
            (#"{"outcome":"refused"}"#, "ann@a", 400), (#"{"outcome":"noRole"}"#, nil, 400),
            (#"{"outcome":"signedOut","address":"here"}"#, "ann@a", 400),
            (#"{"outcome":"signedOut","tenant":"nobody"}"#, "ann@a", 404),
            (#"{"outcome":"refused","tenant":"nobody"}"#, nil, 404),
        ] as [(String, String?, Int)]
    )
    func refusedSignIns(body: String, person: String?, status: Int) async throws {
        #expect(try await send(.post, "/console-sign-ins", body, person: person).status == status)
        try await service.flushAudit()
        #expect(try service.records().isEmpty)
    }

    @Test(
        "A link for nobody's tenant, for too long or for a role that is none is refused",
        arguments: [
            (#"{"tenant":"nobody"}"#, 404), (#"{"minutes":0}"#, 400), (#"{"minutes":61}"#, 400),
            (#"{"role":"god"}"#, 400), (#"{"minutes":60}"#, 201),
        ]
    )
    func refusedLinks(body: String, status: Int) async throws {
        #expect(try await send(.post, "/console-links", body).status == status)
    }

    @Test(
        "An operator reads a tenant's resources as its client does, also while its clients are not served, and changes none"
    )
    func reading() async throws {
        let client = try await service.client()
        let user = try await client.send(
            .post,
            "/Users",
            #"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ann"}"#
        )
        let id = try user.text("id")
        _ = try await service.administration.setSCIM(enabled: false, tenant: "acme", by: .system)
        // What clients may not ask for in a URL is the pages' own question.
        #expect(try await send(.post, "/tenants/acme/url-filters", #"{"urlFilters":"refuse"}"#).status == 200)
        let records = try service.records().count
        let list = try await send(.get, "/tenants/acme/scim/v2/Users?filter=userName%20eq%20%22ann%22")
        #expect(list.status == 200 && list.texts("Resources", "id") == [id])
        #expect(try await send(.get, "/tenants/acme/scim/v2/Users/\(id)").text("userName") == "ann")
        #expect(try await send(.get, "/tenants/nobody/scim/v2/Users").status == 404)
        #expect(try await send(.get, "/tenants/acme/scim/v2/Users/none").status == 404)
        #expect(try await send(.delete, "/tenants/acme/scim/v2/Users/\(id)").status == 404)
        #expect(try service.records().count == records)
    }

    @Test(
        "A failure is shown by its request, with the number of its audit record and nothing of the resource"
    )
    func failure() async throws {
        let client = try await service.client()
        for _ in 0..<30 { _ = try await client.send(.get, "/Users?startIndex=1&count=2") }
        let body = #"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"canary"}"#
        for _ in 0..<2 { _ = try await client.send(.post, "/Users", body) }
        let id = try #require(
            try await send(.get, "/tenants/acme/activity").texts("failures", "requestID").last
        )
        // The records that follow it hide it from nobody.
        for number in 0..<30 {
            _ = try await client.send(.post, "/Users", body.replacing("canary", with: "u\(number)"))
        }
        try await service.flushAudit()
        let records = try service.records()
        let own = try #require(records.first { $0["SCIM_REQUEST_ID"] == id })
        let failure = try await send(.get, "/tenants/acme/failures/\(id)")
        #expect(failure.status == 200)
        #expect(failure.value("auditSequence") == .number(JSONNumber(Int(own["SCIM_SEQ"] ?? "") ?? 0)))
        #expect(try failure.text("keyword") == "uniqueness" && failure.text("requestID") == id)
        #expect(!String(decoding: failure.response.body, as: UTF8.self).contains("canary"))
        for path in ["acme/failures/none", "nobody/failures/\(id)"] {
            #expect(try await send(.get, "/tenants/\(path)").status == 404)
        }
        _ = try await service.client("beta")
        #expect(try await send(.get, "/tenants/beta/failures/\(id)").status == 404)
    }

    @Test("A resource's story is its records, newest first, one at a time too, and no other tenant's")
    func story() async throws {
        let client = try await service.client()
        let body = #"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ann"}"#
        let id = try await client.send(.post, "/Users", body).text("id")
        _ = try await client.send(.put, "/Users/\(id)", body.replacing("}", with: #","title":"Dr"}"#))
        _ = try await client.send(.delete, "/Users/\(id)")
        let path = "/tenants/acme/story?resource=\(id)"
        let story = try await send(.get, path)
        #expect(story.texts("records", "SCIM_EVENT") == ["user.delete", "user.replace", "user.create"])
        #expect(try story.text("source") == "outbox")
        let place = story.texts("records", "place")[1]
        let one = try await send(.get, "\(path)&record=\(place)")
        #expect(one.texts("records", "SCIM_EVENT") == ["user.replace"] && one.value("next") == nil)
        #expect(
            try await send(.get, "\(path)&before=\(place)").texts("records", "SCIM_EVENT") == ["user.create"]
        )
        _ = try await send(.post, "/tenants", #"{"name":"globex"}"#)
        let foreign = try await send(.get, "/tenants/globex/story?resource=\(id)")
        #expect(foreign.status == 200 && foreign.texts("records", "place").isEmpty)
        #expect(try await send(.get, "/tenants/nobody/story?resource=\(id)").status == 404)
        for query in [
            "", "?resource=1", "?resource=\(id)&before=1", "?resource=\(id)&a=1",
            "?resource=\(id)&before=\(place)&record=\(place)",
        ] {
            #expect(try await send(.get, "/tenants/acme/story\(query)").status == 400, "\(query)")
        }
        // Another tenant that gets the name does not learn what was before it.
        try await service.administration.deleteTenant("acme", by: .system)
        _ = try await service.administration.createTenant("acme", by: .system)
        let former = try await send(.get, path)
        #expect(former.status == 200 && former.texts("records", "place").isEmpty)
        #expect(try await send(.get, "\(path)&record=\(place)").texts("records", "place").isEmpty)
    }

    @Test(
        "A monitoring system learns how many days each tenant's token has left, and goes on to learn it afterwards"
    )
    func metrics() async throws {
        _ = try await service.client()
        _ = try await service.administration.createTenant("beta", by: .system)
        func line() async throws -> [Substring] {
            let answer = try await send(.get, "/metrics")
            return String(decoding: answer.response.body, as: UTF8.self).split(separator: "\n")
                .filter { $0.hasPrefix("pharos_scim_token") }
        }
        #expect(try await line() == [#"pharos_scim_token_days_left{tenant="acme"} 365"#])
        service.clock.advance(days: 364)
        #expect(try await line() == [#"pharos_scim_token_days_left{tenant="acme"} 1"#])
        service.clock.advance(days: 3)
        #expect(try await line() == [#"pharos_scim_token_days_left{tenant="acme"} -2"#])
        #expect(try await send(.post, "/metrics").status == 404)
    }

    @Test(
        "A link names the console that has been there for longest, and another one once that has fallen silent"
    )
    func consoles() async throws {
        let handler = handler
        func tell(_ url: String) async throws {
            let answer = try await send(.post, "/console-links/console", #"{"url":"\#(url)"}"#, to: handler)
            #expect(answer.status == 200)
        }
        func named() async throws -> String? {
            let link = try await send(.post, "/console-links", "{}", to: handler)
            return (try? link.text("url")).map { String($0.prefix(9)) }
        }
        #expect(try await named() == nil)
        try await tell("https://a")
        try await tell("https://b")
        #expect(try await named() == "https://a")
        service.clock.advance(seconds: 60)
        try await tell("https://b")
        #expect(try await named() == "https://a")
        service.clock.advance(seconds: 60)
        #expect(try await named() == "https://b")
        try await tell("https://a")
        #expect(try await named() == "https://b")
        service.clock.advance(seconds: 100)
        #expect(try await named() == nil)
        for number in 0..<100 { try await tell("https://\(number)") }
        #expect(try await named() == "https://0")
    }

    @Test("A link is its tenant's, and not one's that has the name later")
    func linkOfFormerTenant() async throws {
        let handler = handler
        _ = try await service.client()
        let link = try await send(.post, "/console-links", #"{"tenant":"acme"}"#, to: handler)
        let secret = try link.text("path").dropFirst("/link/".count)
        try await service.administration.deleteTenant("acme", by: .system)
        _ = try await service.administration.createTenant("acme", by: .system)
        let used = try await send(.post, "/console-links/redeem", #"{"secret":"\#(secret)"}"#, to: handler)
        #expect(used.status == 404)
    }

    @Test("A group's members come a hundred at a time")
    func members() async throws {
        let client = try await service.client()
        var members: [String] = []
        for number in 0..<101 {
            let user = try await client.send(
                .post,
                "/Users",
                #"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"u\#(number)"}"#
            )
            members.append(#"{"value":"\#(try user.text("id"))"}"#)
        }
        let body =
            #"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"g","members":[\#(members.joined(separator: ","))]}"#
        let id = try await client.send(.post, "/Groups", body).text("id")
        let first = try await send(.get, "/tenants/acme/groups/\(id)/members")
        #expect(first.texts("members", "value").count == 100)
        let second = try await send(.get, "/tenants/acme/groups/\(id)/members?from=\(try first.text("next"))")
        #expect(second.texts("members", "value").count == 1 && second.value("next") == nil)
        #expect(Set(first.texts("members", "value") + second.texts("members", "value")).count == 101)
    }

    @Test(
        "What the console asks for a person is recorded with the person's name, and without one with the user's"
    )
    func person() async throws {
        _ = try await service.client()
        _ = try await send(.post, "/tenants/acme/disable-scim", person: "link.root")
        #expect(try service.records().last?["SCIM_ACTOR_ID"] == "link.root")
        _ = try await send(.post, "/tenants/acme/enable-scim")
        #expect(try service.records().last?["SCIM_ACTOR_ID"] == "root")
    }
}
