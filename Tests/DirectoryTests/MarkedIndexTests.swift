import Audit
import HTTP
import Storage
import Tenancy
import TestSupport
import Testing

@testable import Directory

@Suite("Indexes that an operator marks")
struct MarkedIndexTests {
    private let service: TestService
    private let client: TestClient

    init() async throws {
        service = TestService(
            store: MemoryStore(watched: Keys.access, clock: { 1 }),
            executors: [QueueExecutor(label: "loop")]
        )
        client = try await service.client()
        for number in 0..<450 {
            _ = try await client.createUser("u\(number)", #","title":"T\#(number % 5)","nickName":"n""#)
        }
    }

    /// The marked indexes as an operator sees them.
    private func states() throws -> [String] {
        try service.administration.indexes(ofTenant: client.tenant).map {
            "\($0.index.number) \($0.type) \($0.index.path) \($0.index.state)"
        }
    }

    /// Does all that is left to be done; gives the number of slices.
    private func settle() async throws -> Int {
        var count = 0
        while true {
            switch try await service.directory.settleIndexes() {
            case .nothing: return count
            case .more: count += 1
            case .finished(let tenant, let number, let state):
                try await service.administration.finishIndex(number, state, tenant: tenant)
            }
        }
    }

    /// What a filter finds, and how it was found.
    private func find(_ filter: String) async throws -> (total: Int?, timing: String) {
        _ = try await service.administration.set(.serverTiming, to: "on", tenant: client.tenant, by: .system)
        let answer = try await client.send(
            .get,
            "/Users?count=1&filter=\(filter.replacing(" ", with: "%20").replacing("\"", with: "%22"))"
        )
        return (
            answer.integer("totalResults"),
            answer.response.fields.first { $0.0 == FieldName("Server-Timing") }?.1 ?? ""
        )
    }

    @Test(
        "An index is built in slices, used when it is complete, kept by changes, and gone when it is removed"
    )
    func life() async throws {
        #expect(try await find(#"title eq "t3""#).timing.contains(#"plan;desc="scan""#))
        try await service.administration.addIndex(
            of: "TITLE",
            type: "user",
            tenant: client.tenant,
            by: .system
        )
        #expect(try states() == ["1 User title building"])
        #expect(try await find(#"title eq "t3""#).timing.contains(#"plan;desc="scan""#))
        _ = try await service.directory.settleIndexes()
        #expect(try service.findings() == [])
        // One behind the place that has been reached, one before it.
        for (name, title) in [("u449", "T3"), ("u0", "other")] {
            let id = try await client.send(.get, "/Users?filter=userName%20eq%20%22\(name)%22").texts(
                "Resources",
                "id"
            )
            _ = try await client.patch(
                "/Users/\(id[0])",
                #"{"op":"replace","path":"title","value":"\#(title)"}"#
            )
        }
        #expect(try await settle() >= 2)
        #expect(try states() == ["1 User title complete"])
        #expect(try service.findings() == [])
        for (filter, total) in [(#"title eq "t3""#, 91), (#"title sw "T""#, 449), (#"title eq "OTHER""#, 1)] {
            let found = try await find(filter)
            #expect(found.total == total)
            #expect(found.timing.contains(#"plan;desc="title""#), "\(found.timing)")
        }
        try await service.administration.removeIndex(1, tenant: client.tenant, by: .system)
        #expect(try states() == ["1 User title removed"])
        #expect(try await find(#"title eq "t3""#).timing.contains(#"plan;desc="scan""#))
        #expect(try service.findings() == [])
        #expect(try await settle() >= 1)
        #expect(try states() == [])
        #expect(try service.findings() == [])
        // A number is never used again.
        try await service.administration.addIndex(
            of: "title",
            type: "User",
            tenant: client.tenant,
            by: .system
        )
        #expect(try states() == ["2 User title building"])
        #expect(try await settle() >= 2)
        #expect(try await find(#"title eq "t3""#).total == 91)
    }

    @Test(
        "What has an index, has none to have, or is not there is refused",
        arguments: [
            "userName", "emails", "groups", "meta.version", "name", "password", "unheardOf",
            "x509Certificates", "emails.primary", "id",
        ]
    )
    func refused(path: String) async throws {
        await #expect(throws: AdministrationError.self) {
            try await service.administration.addIndex(
                of: path,
                type: "User",
                tenant: client.tenant,
                by: .system
            )
        }
        #expect(try states() == [])
        await #expect(throws: AdministrationError.noSuchIndex) {
            try await service.administration.removeIndex(1, tenant: client.tenant, by: .system)
        }
    }

    @Test("A change that was computed before an attribute was marked does not miss its row")
    func precondition() async throws {
        let kind = try #require(ResourceKinds.core.all.first)
        let access = try Authenticator(store: service.store, environment: service.environment).authenticate(
            Array("Bearer \(#require(client.token))".utf8).span,
            tenant: client.tenant,
            .background
        )
        #expect(access.kinds.head == nil)
        try await service.administration.addIndex(
            of: "title",
            type: "User",
            tenant: client.tenant,
            by: .system
        )
        let context = ChangeContext(ofOperator: access, kind)
        let changes = ResourceChangeset(service.directory.makeID(), context, service.environment)
        await #expect(throws: StoreError.self) { _ = try await service.store.commit(changes.changeset) }
    }
}
