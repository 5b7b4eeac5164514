import HTTP
import JSON
import TLS
import TestSupport
import Testing

@testable import Load

/// The service with a tenant, over HTTP on loopback.
private struct MeasuredService {
    let service: TestService
    let client: TestClient
    let url: RemoteURL

    static func use(_ body: (MeasuredService) async throws -> Void) async throws {
        try await StorageEngine.memory.withStore { store in
            let service = TestService(store: store)
            let client = try await service.client()
            try await LocalServer.run(service.pipeline) { server in
                guard let url = RemoteURL("http://127.0.0.1:\(server.port)/acme/scim/v2/") else {
                    preconditionFailure("That is a URL.")
                }
                try await body(MeasuredService(service: service, client: client, url: url))
            }
        }
    }

    func test(
        _ workload: Workload?,
        users: [Int] = [20],
        token: String? = nil,
        _ configure: (inout LoadParameters) -> Void = { _ in }
    ) async throws -> LoadReport {
        var parameters = LoadParameters()
        parameters.workload = workload
        parameters.sizes = users
        parameters.connections = 4
        parameters.groups = 3
        parameters.groupMembers = 5
        parameters.durationSeconds = 1
        parameters.warmUpSeconds = 0
        parameters.timeoutSeconds = 60
        configure(&parameters)
        let token = token ?? client.token ?? ""
        return try await LoadTest(
            url: url,
            token: token,
            version: "0",
            trust: .system,
            parameters: parameters
        ).run()
    }

    func count(_ path: String) async throws -> Int {
        let answer = try await client.send(.get, path)
        guard case .number(let number)? = answer.value("totalResults") else { return -1 }
        return Int(number.int64 ?? -1)
    }
}

@Suite("Load test", .serialized)
struct LoadTestTests {
    @Test(
        "Each workload gets the answers that it expects, does what it says, and leaves nothing behind",
        arguments: Workload.allCases
    )
    func workloads(workload: Workload) async throws {
        try await MeasuredService.use { measured in
            _ = try await measured.client.createUser("ann@example.com", "")
            let report = try await measured.test(workload) {
                $0.prepares = true
                $0.cleansUp = true
            }
            let figures = try #require(report.runs.first?.figures)
            #expect(figures.isFaultless, "\(figures.answers)")
            #expect(figures.answered > 10)
            #expect(report.prepared.users == 20)
            #expect(report.prepared.groups == (workload.needsGroups ? 3 : 0))
            #expect(report.removed.users >= 20)
            #expect(report.removed.groups == report.prepared.groups)
            let operations = Set(figures.done.map(\.operation))
            switch workload {
            case .filter: #expect(operations == [.lookUp])
            case .read: #expect(operations == [.read])
            case .patch: #expect(operations == [.patch])
            case .groupPatch: #expect(operations == [.addMember, .removeMember])
            case .create: #expect(operations == [.create])
            case .page: #expect(operations == [.page])
            case .oktaSync:
                #expect(operations == [.lookUp, .create, .read, .replace, .addMember, .deactivate])
            case .entraSync: #expect(operations.count == 8)
            case .mixed: #expect(operations.isSuperset(of: [.lookUp, .read, .patch]))
            }
            #expect(try await measured.count("/Users") == 1)
            #expect(try await measured.count("/Groups") == 0)
        }
    }

    @Test("Changes that another run asks for again change something again")
    func anotherRun() throws {
        let url = try #require(RemoteURL("https://scim.example.com/acme/scim/v2"))
        let writer = RequestWriter(url: url, token: "t", version: "1")
        var population = Population(userCount: 3, unused: NumberSource(from: 4))
        population.userIDs = ["a", "b", "c"]
        let runs = (0..<2).map { _ in
            let script = PatchScript(writer, population, seed: 1)
            return (0..<10).map { _ in
                var request: [UInt8] = []
                _ = script.next(&request)
                return String(decoding: request, as: UTF8.self)
            }
        }
        for (first, second) in zip(runs[0], runs[1]) {
            #expect(first != second)
            #expect(first.prefix { $0 != "\r\n" } == second.prefix { $0 != "\r\n" })
        }
    }

    @Test("Users that are there are found again, by any later test; only what is missing is made")
    func preparation() async throws {
        try await MeasuredService.use { measured in
            let first = try await measured.test(nil) { $0.prepares = true }
            #expect((first.prepared.users, first.prepared.groups) == (20, 3))
            #expect(try await measured.count("/Users") == 20)
            let second = try await measured.test(nil, users: [25]) { $0.prepares = true }
            #expect((second.prepared.users, second.prepared.groups) == (5, 0))
            #expect(try await measured.test(.read, users: [25]).isFaultless)
            let last = try await measured.test(nil) { $0.cleansUp = true }
            #expect((last.removed.users, last.removed.groups) == (25, 3))
            #expect(try await measured.count("/Users") == 0)
        }
    }

    @Test("Several sizes are measured in their order, each on a directory of that size")
    func sizes() async throws {
        try await MeasuredService.use { measured in
            let report = try await measured.test(.filter, users: [30, 10]) { $0.prepares = true }
            #expect(report.runs.map(\.users) == [10, 30])
            #expect(report.isFaultless)
            #expect(try await measured.count("/Users") == 30)
            #expect(report.page.contains("Cost over size"))
        }
    }

    @Test("What bears such a name and was not made by a load test is left alone, and the test ends")
    func foreign() async throws {
        try await MeasuredService.use { measured in
            _ = try await measured.client.createUser("load-000003", "")
            for purpose in ["prepare", "clean up", "find"] {
                await #expect(throws: LoadError.self) {
                    _ = try await measured.test(purpose == "find" ? .read : nil) {
                        $0.prepares = purpose == "prepare"
                        $0.cleansUp = purpose == "clean up"
                    }
                }
            }
            let path = "/Users?filter=userName%20eq%20%22load-000003%22"
            #expect(try await measured.count(path) == 1)
        }
    }

    @Test("A directory without the users, and a token that is not taken, end the test before it begins")
    func refusals() async throws {
        try await MeasuredService.use { measured in
            for workload in [Workload.filter, .read, .page] {
                do {
                    _ = try await measured.test(workload)
                    Issue.record("\(workload)")
                } catch LoadError.survey(.missing) {}
            }
            do {
                _ = try await measured.test(.filter, token: "wrong")
                Issue.record("a wrong token")
            } catch LoadError.unauthorized(let status) { #expect(status == 401) }
        }
    }

    @Test("A report has figures and circumstances as text, JSON and a page of its own, and never the token")
    func report() async throws {
        try await MeasuredService.use { measured in
            let report = try await measured.test(.mixed) {
                $0.prepares = true
                $0.pace = .open(perSecond: 100)
                $0.commit = "<script>"
            }
            let text = JSONValue.object(report.json).indented
            for shown in [text, report.page, report.text] {
                #expect(!shown.contains(measured.client.token ?? "?"))
                #expect(shown.contains("mixed"))
            }
            let run = try #require(report.json.objects("runs").first)
            #expect(run.integer("answered") + run.integer("unsent") == 100)
            #expect(run.object("statuses").integer("200") > 0)
            #expect(run.object("response").integer("p99") >= run.object("service").integer("p50"))
            #expect(report.json.object("parameters").integer("ratePerSecond") == 100)
            #expect(report.json.object("machine").integer("processors") > 0)
            #expect(report.json.object("server").object("serviceProviderConfig").list("schemas").count == 1)
            #expect(report.page.contains("&lt;script&gt;"))
            for outside in ["<script", "src=", "<link", "url(", "@import"] {
                #expect(!report.page.contains(outside))
            }
            #expect(report.page.contains("<svg"))
            #expect(report.page.contains("<caption>Latency, 20 users</caption>"))
        }
    }
}
