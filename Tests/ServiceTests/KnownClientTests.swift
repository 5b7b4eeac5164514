import Audit
import Directory
import HTTP
import JSON
import Locking
import Notes
import Query
import SCIM
import Storage
import Tenancy
import TestSupport
import Testing

@testable import Service

@Suite("What a connection's requests have in common")
struct KnownClientTests {
    /// A connection to a service, over which requests come as bytes.
    private final class Connection {
        private let service: TestService
        /// What the pipeline has kept of the connection.
        private(set) var kept: (any AnyObject & Sendable)?
        /// On whose account it is served.
        private(set) var account: UInt32?
        private var parser = RequestParser(peer: Peer(address: "192.0.2.1", isSecure: true))

        init(_ service: TestService) { self.service = service }

        /// The status, the fields and the body without what differs between two equal requests.
        func ask(
            _ target: String,
            token: String,
            method: String = "GET",
            more: String = "",
            body: String = ""
        ) async throws -> String {
            parser.append(
                Array(
                    "\(method) \(target) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(token)\r\n\(more)\r\n\(body)"
                        .utf8
                )[...]
            )
            guard case .request(let request) = try parser.next() else {
                throw Rejection.malformed("no request")
            }
            let response: Response
            switch service.pipeline.handle(request) {
            case .ready(let answer): response = answer
            case .pending(let operation): response = await operation()
            }
            kept = request.memo?.value
            account = request.memo?.account
            let fields = response.allFields.map { name, value in
                "\(name.text): \(name.text == "server-timing" ? "" : value)"
            }
            return "\(response.status.code) \(fields) \(String(decoding: response.body, as: UTF8.self))"
        }
    }

    private let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }))

    private static func list(
        _ name: String,
        _ before: String = "userName%20eq%20",
        _ after: String = ""
    ) -> String {
        "/acme/scim/v2/Users?filter=\(before)%22\(name)%22\(after)"
    }

    @Test("A connection's requests are served on the account of the tenant that they ask")
    func account() async throws {
        let connection = Connection(service)
        _ = try await connection.ask("/acme/scim/v2/Users", token: "wrong")
        #expect(connection.account == 0)
        for tenant in ["acme", "other"] {
            let token = try #require(try await service.client(tenant).token)
            _ = try await connection.ask("/\(tenant)/scim/v2/Users?count=0", token: token)
            let number = try service.administration.tenant(tenant).number
            #expect(number != 0 && connection.account == number)
        }
    }

    @Test(
        "A request is answered as it would be on a connection of its own, whatever came before it",
        arguments: [nil, (TenantSetting.serverTiming, "on"), (TenantSetting.auditReads, "all")]
    )
    func asAlone(_ setting: (TenantSetting, String)?) async throws {
        let client = try await service.client()
        if let (setting, word) = setting {
            _ = try await service.administration.set(setting, to: word, tenant: "acme", by: .system)
        }
        let token = try #require(client.token)
        let schema = #""schemas":["urn:ietf:params:scim:schemas:core:2.0:User"]"#
        var ids: [String] = []
        for name in ["ann", "Bob+1", "c d", "e&f", "g%h", "i'j"] {
            let answer = try await client.send(
                .post,
                "/Users",
                #"{\#(schema),"userName":"\#(name)","externalId":"\#(name)","title":"T"}"#
            )
            ids.append(try answer.text("id"))
        }
        ids.append(try await client.createGroup("Staff", members: [ids[0], ids[1]]))
        ids += [ids[0].uppercased(), "0190a000-0000-7000-8000-000000000000"]
        let names = [
            "ann", "ANN", "bob%2B1", "Bob+1", "c%20d", "c+d", "e%26f", "e&f", "g%25h", "i'j", "i%27j", "%5C",
            "a%5Cu006en",
            "%22", "a%22%20or%20userName%20eq%20%22bob", "", "%C3%A4", "ä", "%00", "%7F", "%0", "%zz", "#",
            "ann%22",
            String(repeating: "x", count: 300), "0190a000-0000-7000-8000-000000000000",
        ]
        var targets: [String] = []
        for (before, after) in [
            ("userName%20eq%20", ""), ("userName+Eq+", ""), ("externalId%20eq%20", "&count=1"),
            ("id%20eq%20", ""), ("title%20eq%20", "&attributes=userName"), ("userName%20sw%20", ""),
            ("userName%20eq%20", "%20and%20title%20pr"), ("meta.created%20gt%20", ""),
            ("userName%20eq%20", "&startIndex=x"), ("undefined%20eq%20", ""), ("active%20eq%20", ""),
            ("emails.value%20eq%20", ""), ("groups.value%20eq%20", ""), ("userName%20eq%20", "&cursor"),
            // What is in encoded quotation marks is another parameter's, or a part of one.
            ("userName%20eq%20\"ann\"&x=", ""), ("userName%20eq%20ann&x=", ""),
            ("userName%20eq%20ann&filter=", ""),
            ("userName%20eq%20\"ann", ""), ("userName%20eq%20\"ann\"&attributes=", ""),
        ] {
            targets += names.map { Self.list($0, before, after) }
        }
        for id in ids {
            targets += [
                "Users/\(id)", "Users/\(id)/", "Users/\(id)?attributes=title", "Users//\(id)", "Users/\(id)x",
                "Users/\(id)?excludedAttributes=groups", "Users/\(id)?attributes=$", "Groups/\(id)",
                "Groups/\(id)?excludedAttributes=members", "Users/%30\(id.dropFirst())",
            ].map { "/acme/scim/v2/" + $0 }
        }
        targets += [
            "/acme/scim/v2/Users/none", "/beta/scim/v2/Users?filter=userName%20eq%20%22ann%22", "/acme/Users",
        ]
        let kept = Connection(service)
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<2 {
            for target in targets.shuffled(using: &generator) + targets {
                let alone = (try? await Connection(service).ask(target, token: token)) ?? "refused"
                guard alone != "refused" else { continue }
                #expect(try await kept.ask(target, token: token) == alone, "\(target)")
            }
        }
    }

    @Test("Look-ups one after the other are answered at one stretch, unless reads are recorded")
    func atOneStretch() async throws {
        let client = try await service.client()
        let token = try #require(client.token)
        let id = try await client.createUser("ann")
        func ask() async throws -> KnownClient {
            let connection = Connection(service)
            for target in [Self.list("ann"), "/acme/scim/v2/Users/\(id)"] {
                for _ in 0..<3 { #expect(try await connection.ask(target, token: token).hasPrefix("200")) }
            }
            return try #require(connection.kept as? KnownClient)
        }
        let known = try await ask()
        #expect(known.list.withLock { $0?.atOneStretch } != nil)
        #expect(known.read.withLock { $0 } != nil)
        _ = try await service.administration.set(.auditReads, to: "all", tenant: "acme", by: .system)
        let recorded = try await ask()
        #expect(recorded.list.withLock { $0 }.map { $0.atOneStretch == nil } == true)
        #expect(recorded.read.withLock { $0 } == nil)
        try await service.flushAudit()
        #expect(try service.events().filter { $0 == "resource.search" || $0 == "resource.read" }.count == 6)
    }

    @Test(
        "Look-ups one after the other are counted and noted as all requests are, each once",
        arguments: [true, false]
    )
    func counted(isList: Bool) async throws {
        var rates = RateLimits.unlimited
        rates.requests = Rate(perSecond: 1, burst: 9)
        let service = TestService(store: MemoryStore(watched: Keys.access, clock: { 1 }), rates: rates)
        let client = try await service.client()
        let token = try #require(client.token)
        // The first of the nine.
        let id = try await client.createUser("ann")
        let connection = Connection(service)
        var statuses: [String] = []
        for _ in 0..<11 {
            let target = isList ? Self.list("ann") : "/acme/scim/v2/Users/\(id)"
            statuses.append(String(try await connection.ask(target, token: token).prefix(3)))
        }
        #expect(statuses == Array(repeating: "200", count: 8) + Array(repeating: "429", count: 3))
        let activity = try await service.notes.activity(of: try service.administration.tenant("acme"))
        #expect(activity.exchanges.map(\.count) == [1, 8, 3])
        #expect(
            activity.exchanges.map(\.route) == [.users, isList ? .users : .user, isList ? .users : .user]
        )
        #expect(Set(activity.exchanges.map(\.requestID)).count == 3)
        #expect(activity.hours.map { $0.counts[.requests] }.reduce(0, +) == 12)
        #expect(activity.tokens.count == 1)
    }

    @Test("A condition of a read is heeded, whatever came before it")
    func condition() async throws {
        let client = try await service.client()
        let token = try #require(client.token)
        let target = "/acme/scim/v2/Users/\(try await client.createUser("ann"))"
        let connection = Connection(service)
        for _ in 0..<2 {
            for _ in 0..<2 { #expect(try await connection.ask(target, token: token).hasPrefix("200")) }
            for _ in 0..<2 {
                let answer = try await connection.ask(target, token: token, more: "If-None-Match: *\r\n")
                #expect(answer.hasPrefix("304"))
            }
        }
    }

    @Test("A PATCH is answered as it would be on a connection of its own, whatever came before it")
    func patches() async throws {
        let shapes = [
            #"{"op":"replace","path":"title","value":"$"}"#, #"{"op":"replace","value":{"title":"$"}}"#,
            #"{"op":"replace","path":"userName","value":"$"}"#,
            #"{"op":"replace","path":"active","value":$}"#,
            #"{"op":"replace","path":"emails[type eq \"work\"].value","value":"$"}"#,
            #"{"op":"add","path":"colour","value":"$"}"#, #"{"op":"remove","path":"title"}"#,
        ]
        let texts = ["Ann", "Bob", "ann", " ", "", #"\u0041"#, "ä", "false", "true", #"a"b"#]
        var asked: [(body: String, type: String)] = []
        for shape in shapes {
            for text in texts {
                let list = shape.replacing("$", with: text)
                let body =
                    #"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[\#(list)]}"#
                asked += [(body, "application/scim+json"), (body, "text/plain")]
            }
        }
        var generator = SeededGenerator(seed: 11)
        asked += asked.shuffled(using: &generator)
        // Two tenants, so that the same is asked of the same user: on one connection, and on one for each request.
        var answers: [[String]] = []
        for tenant in ["acme", "other"] {
            let client = try await service.client(tenant)
            let token = try #require(client.token)
            let id = try await client.createUser("zoe")
            let kept = Connection(service)
            var heard: [String] = []
            for (number, (body, type)) in asked.enumerated() {
                if number == asked.count / 2 {
                    _ = try await service.administration.set(
                        .profile,
                        to: "strict",
                        tenant: tenant,
                        by: .system
                    )
                }
                let connection = tenant == "acme" ? kept : Connection(service)
                let answer = try await connection.ask(
                    "/\(tenant)/scim/v2/Users/\(id)",
                    token: token,
                    method: "PATCH",
                    more: "Content-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n",
                    body: body
                )
                heard.append(
                    answer.replacing(id, with: "").replacing("/\(tenant)/", with: "")
                        .replacing(#/W/\\?"[0-9]+/#, with: "")
                        .replacing(#/[0-9-]{10}T[0-9:.]{12}Z/#, with: "")
                )
            }
            answers.append(heard)
        }
        for (number, (kept, alone)) in zip(answers[0], answers[1]).enumerated() {
            #expect(kept == alone, "\(asked[number])")
        }
        #expect(answers[0].contains { $0.hasPrefix("415") })
    }

    @Test("A user of many groups, and a long one, are found as others are")
    func long() async throws {
        let client = try await service.client()
        let token = try #require(client.token)
        let text = String(repeating: "x", count: 40_000)
        var ids: [String: String] = [:]
        // More than are written at a stretch on a loop.
        let groups = 501
        for (name, more) in [
            ("ann", ""), ("bob", #","title":"\#(text)","nickName":"\#(text)""#), ("cid", ""),
        ] {
            let id = try await client.createUser(name, more)
            ids[name] = id
            guard name == "cid" else { continue }
            for number in 0..<groups {
                _ = try await client.createGroup("\(number)", members: [id])
            }
        }
        let connection = Connection(service)
        for name in ["ann", "bob", "ann", "cid", "ann"] {
            let list = try await connection.ask(Self.list(name), token: token)
            #expect(list.hasPrefix("200") && list.contains(#""totalResults":1"#))
            #expect(list.contains(#""userName":"\#(name)""#))
            #expect(list.contains(text) == (name == "bob"))
            #expect(list.split(separator: "/Groups/").count == (name == "cid" ? groups + 1 : 1))
            let id = try #require(ids[name])
            let read = try await connection.ask("/acme/scim/v2/Users/\(id)", token: token)
            #expect(read.hasPrefix("200") && read.contains(text) == (name == "bob"))
            #expect(read.split(separator: "/Groups/").count == list.split(separator: "/Groups/").count)
        }
    }

    @Test("Nothing is believed longer than it holds")
    func ends() async throws {
        let client = try await service.client()
        let token = try #require(client.token)
        let connection = Connection(service)
        let target = Self.list("ann")
        func status(_ target: String, _ token: String) async throws -> Int {
            Int(try await connection.ask(target, token: token).prefix(3)) ?? 0
        }
        for _ in 0..<3 { #expect(try await status(target, token) == 200) }
        // Another token, and the same one behind other fields.
        #expect(try await status(target, token.dropLast() + "x") == 401)
        #expect(try await status(target, token) == 200)
        let user = #"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ann"}"#
        _ = try await client.send(.post, "/Users", user)
        #expect(try await connection.ask(target, token: token).contains(#""totalResults":1"#))
        #expect(try await status("/beta/scim/v2/Users?filter=userName%20eq%20%22ann%22", token) == 401)
        #expect(try await status(target, token) == 200)
        _ = try await service.administration.setSCIM(enabled: false, tenant: "acme", by: .system)
        #expect(try await status(target, token) == 403)
        _ = try await service.administration.setSCIM(enabled: true, tenant: "acme", by: .system)
        for _ in 0..<2 { #expect(try await status(target, token) == 200) }
        service.clock.advance(days: 366)
        #expect(try await status(target, token) == 401)
        let new = try await service.administration.generateToken(tenant: "acme", by: .system)
        for _ in 0..<2 { #expect(try await status(target, new.text) == 200) }
        _ = try await service.administration.revokeToken(new.token.id, tenant: "acme", by: .system)
        #expect(try await status(target, new.text) == 401)
    }

    @Test("Who was read beside the loops is not remembered: what has been committed since is not known")
    func readBeside() async throws {
        let token = try #require(try await service.client().token)
        try await PrinterType.register(service)
        let connection = Connection(service)
        let target = "/acme/scim/v2/Users/0190a000-0000-7000-8000-000000000000"
        #expect(try await connection.ask(target, token: token, method: "DELETE").hasPrefix("404"))
        #expect(connection.kept == nil)
        #expect(try await connection.ask(target, token: token, method: "DELETE").hasPrefix("404"))
        #expect(connection.kept is KnownClient)
    }

    @Test("Who asks is remembered with the second look-up of the same fields, and with the first change")
    func remembered() async throws {
        let client = try await service.client()
        let token = try #require(client.token)
        let id = try await client.createUser("ann")
        let connection = Connection(service)
        for more in ["", "Accept: */*\r\n"] {
            #expect(try await connection.ask(Self.list("ann"), token: token, more: more).hasPrefix("200"))
            #expect(connection.kept == nil)
        }
        let more = "Accept: */*\r\n"
        let answer = try await connection.ask(Self.list("bob"), token: token, more: more)
        #expect(answer.hasPrefix("200"))
        #expect(connection.kept is KnownClient)
        let changing = Connection(service)
        let target = "/acme/scim/v2/Users/\(id)"
        #expect(try await changing.ask(target, token: token, method: "DELETE").hasPrefix("204"))
        #expect(changing.kept is KnownClient)
    }

    @Test("A list that differs in the name alone is recognised, and one that differs in more is not")
    func recognised() throws {
        func request(_ target: String) throws -> Request {
            Request(method: .get, target: try Target(target), peer: Peer(address: nil, isSecure: true))
        }
        let part = ResourceQuery.Part(
            kind: try #require(ResourceKinds.core.kind(endpoint: "Users")),
            projection: .identity,
            filter: try BoundFilter(Filter.parse(#"userName eq "x""#, .default), type: .user, .default)
        )
        let page = ResourceQuery.Page(startIndex: 1, count: 1, sortedResultsMax: 1)
        let list = try #require(
            try PreparedList(
                part,
                page,
                nil,
                filter: #"userName eq "x""#,
                Exchange(request(Self.list("x")), requestID: RequestID(high: 1, low: 2))
            )
        )
        for name in ["bob%40example.com", "bob@example.com", "b%20c", "i'j"] {
            #expect(try list.name(in: request(Self.list(name))) != nil, "\(name)")
        }
        for name in ["", "%22", "%5C", "a+b", "a&b", "%C3%A4", "%1F", String(repeating: "x", count: 300)] {
            #expect(try list.name(in: request(Self.list(name))) == nil, "\(name)")
        }
        #expect(try list.name(in: request(Self.list("ann", "externalId%20eq%20"))) == nil)
        #expect(try list.name(in: request(Self.list("ann", "userName%20eq%20", "&count=2"))) == nil)
    }
}
