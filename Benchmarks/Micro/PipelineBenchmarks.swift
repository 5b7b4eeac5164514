import Benchmark
import Foundation
import HTTP
import Service
import Storage
import StorageLMDB
import TestSupport

/// The service without sockets, over an LMDB store of 10,000 users: request bytes in, response bytes out.
enum PipelineBenchmarks {
    static func register(isQuick: Bool) {
        let fixture = PipelineFixture(userCount: isQuick ? 200 : 10_000)
        Benchmark("Pipeline filter GET, bytes to bytes: 1 user of 10,000") { benchmark in
            guard let service = fixture.service else { return }
            var parser = RequestParser(peer: Peer(address: "127.0.0.1", isSecure: true))
            let date = HTTPDate(secondsSince1970: 1_795_482_123)
            var output: [UInt8] = []
            for index in benchmark.scaledIterations {
                parser.append(fixture.requests[index % fixture.requests.count][...])
                guard case .request(let request) = try parser.next(),
                    case .ready(let response) = service.pipeline.handle(request)
                else { preconditionFailure("A filter is answered at once.") }
                output.removeAll(keepingCapacity: true)
                ResponseEncoder.encode(response, forHEAD: false, close: false, date: date, into: &output)
                blackHole(output)
            }
        } setup: {
            try await fixture.open()
        } teardown: {
            fixture.close()
        }
    }
}

/// The service of the benchmark, from its setup to its teardown; only one thread at a time comes here.
private final class PipelineFixture: @unchecked Sendable {
    private static let creators = 64

    private let userCount: Int
    private var store: (store: LMDBStore, folder: URL)?
    private(set) var service: TestService?
    /// Every tenth user is looked for.
    private(set) var requests: [[UInt8]] = []

    init(userCount: Int) { self.userCount = userCount }

    func open() async throws {
        let made = try BenchmarkStore.make("pipeline")
        store = made
        let service = TestService(store: made.store)
        let client = try await service.client()
        let userCount = userCount
        try await withThrowingTaskGroup(of: Void.self) { group in
            for creator in 0..<Self.creators {
                group.addTask {
                    for index in stride(from: creator, to: userCount, by: Self.creators) {
                        _ = try await client.createUser("user\(index)@example.com", Self.more(index))
                    }
                }
            }
            try await group.waitForAll()
        }
        requests = stride(from: 0, to: userCount, by: 10).map { index in
            Array(
                """
                GET /acme/scim/v2/Users?filter=userName%20eq%20%22user\(index)%40example.com%22\
                &startIndex=1&count=100 HTTP/1.1\r
                Host: scim.example.com\r
                User-Agent: Okta SCIM Client 1.0.0\r
                Accept: application/scim+json\r
                Authorization: Bearer \(client.token ?? "")\r
                \r

                """.utf8
            )
        }
        // The first request of a client is answered behind a note of it in the tenant's row.
        var parser = RequestParser(peer: Peer(address: "127.0.0.1", isSecure: true))
        parser.append(requests[0][...])
        if case .request(let request) = try parser.next() { _ = await service.send(request) }
        self.service = service
    }

    func close() {
        service = nil
        guard let store else { return }
        BenchmarkStore.end(store.store, store.folder)
        self.store = nil
    }

    /// What an identity provider sends beside the userName; the answer has about 1 kB.
    private static func more(_ index: Int) -> String {
        #"""
        ,"externalId":"00u\#(index)","name":{"givenName":"Ann","familyName":"Lee\#(index)"},\#
        "displayName":"Ann Lee\#(index)","title":"Engineer","preferredLanguage":"en-GB","locale":"en-GB",\#
        "timezone":"Europe/London","active":true,\#
        "emails":[{"value":"user\#(index)@example.com","type":"work","primary":true},\#
        {"value":"u\#(index)@home.example.com","type":"home"}],\#
        "phoneNumbers":[{"value":"+44 20 7946 \#(index)","type":"work"}],\#
        "addresses":[{"type":"work","streetAddress":"1 Harbour Way","locality":"Bristol",\#
        "postalCode":"BS1 4RN","country":"GB"}],\#
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"\#(index)",\#
        "costCenter":"CC-7","organization":"Pharos","division":"Operations","department":"Keepers"}
        """#
    }
}
