import CAllocations
import Foundation
import HTTP
import Service
import Storage
import StorageLMDB
import Tenancy
import TestSupport

/// What is counted, from a request's bytes to its answer's.
enum HotPath: String, CaseIterable {
    /// A look-up by userName.
    case filter
    /// A GET by id.
    case read
    /// A PATCH of one attribute, with its commit.
    case patch

    /// Whether other threads take part in it.
    var isChange: Bool { self == .patch }
}

/// The service over an LMDB store of some users; one thread at a time comes here.
final class HotPaths: @unchecked Sendable {
    private static let userCount = 500

    private let service: TestService
    private let token: String
    private let ids: [String]
    private let date = HTTPDate(secondsSince1970: 1_795_482_123)
    private var parser = RequestParser(peer: Peer(address: "127.0.0.1", isSecure: true))
    private var beginning = ResponseBeginning()
    private var output: [UInt8] = []
    private var patches = 0

    /// What `runInRegion` does; the C function takes no context.
    nonisolated(unsafe) private static var inRegion: () -> Void = {}

    static func use(_ body: (HotPaths) async throws -> Void) async throws {
        let folder = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
            .appendingPathComponent(".build/counts-\(ProcessInfo.processInfo.processIdentifier)")
        var configuration = LMDBStore.Configuration()
        configuration.mapBytes = 1 << 30
        // As the server has it: a change of a user leaves what is kept of tokens as it is.
        configuration.watched = Keys.access
        configuration.accountKeys = Keys.resources
        let store = try LMDBStore(path: folder.path, configuration: configuration) {
            Int64(Date().timeIntervalSince1970 * 1_000_000)
        }
        defer {
            store.close()
            try? FileManager.default.removeItem(at: folder)
        }
        let service = TestService(store: store)
        let client = try await service.client()
        var ids: [String] = []
        for index in 0..<userCount { ids.append(try await client.createUser(name(index), more(index))) }
        let paths = HotPaths(service, token: client.token ?? "", ids: ids)
        // The first request of a client is answered behind a note of it in the tenant's row.
        try await paths.send(.filter, 0)
        try await body(paths)
    }

    private init(_ service: TestService, token: String, ids: [String]) {
        self.service = service
        self.token = token
        self.ids = ids
    }

    /// Sends requests of a path, one after the other.
    func run(_ path: HotPath, _ count: Int) async throws {
        let bytes = (0..<Self.userCount).map { request(path, $0) }
        for index in 0..<count {
            if path.isChange {
                // Each changes something, and is made of other bytes.
                try await send(path, index)
            } else {
                handle(bytes[index % bytes.count])
            }
        }
    }

    /// The same of a path that ends on the thread that begins it, inside the region that tools look at.
    func runInRegion(_ path: HotPath, _ count: Int) throws {
        precondition(!path.isChange, "a change involves other threads")
        let bytes = (0..<Self.userCount).map { request(path, $0) }
        handle(bytes[0])
        Self.inRegion = { [self] in
            for index in 0..<count { handle(bytes[index % bytes.count]) }
        }
        callocations_region { HotPaths.inRegion() }
    }

    private func handle(_ bytes: [UInt8]) {
        parser.append(bytes.span)
        guard case .request(let request)? = try? parser.next(),
            case .ready(let response) = service.pipeline.handle(request)
        else { preconditionFailure("A read is answered at once.") }
        encode(response)
    }

    private func send(_ path: HotPath, _ index: Int) async throws {
        let bytes = request(path, index)
        parser.append(bytes.span)
        guard case .request(let request) = try parser.next() else {
            preconditionFailure("The sample is one whole request.")
        }
        encode(await service.send(request))
    }

    private func encode(_ response: Response) {
        precondition(response.status.code < 300, "\(response.status.code)")
        output.removeAll(keepingCapacity: true)
        ResponseEncoder.encode(
            response,
            forHEAD: false,
            close: false,
            date: date,
            beginning: &beginning,
            into: &output
        )
    }

    private func request(_ path: HotPath, _ index: Int) -> [UInt8] {
        let user = index % Self.userCount
        var (start, body) = ("", "")
        switch path {
        case .filter:
            start =
                "GET /acme/scim/v2/Users?filter=userName%20eq%20%22\(Self.name(user))%22&startIndex=1&count=100"
        case .read: start = "GET /acme/scim/v2/Users/\(ids[user])"
        case .patch:
            patches += 1
            start = "PATCH /acme/scim/v2/Users/\(ids[user])"
            body = #"""
                {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],\#
                "Operations":[{"op":"replace","path":"title","value":"Title \#(1_000_000 + patches)"}]}
                """#
        }
        return Array(
            """
            \(start) HTTP/1.1\r
            Host: scim.example.com\r
            User-Agent: Okta SCIM Client 1.0.0\r
            Accept: application/scim+json\r
            Authorization: Bearer \(token)\r
            Content-Type: application/scim+json\r
            Content-Length: \(body.utf8.count)\r
            \r
            \(body)
            """.utf8
        )
    }

    private static func name(_ index: Int) -> String { "user\(1_000 + index)" }

    /// What an identity provider sends beside the userName; the answer has about 1 kB.
    private static func more(_ index: Int) -> String {
        #"""
        ,"externalId":"00u\#(index)","name":{"givenName":"Ann","familyName":"Lee"},"displayName":"Ann Lee",\#
        "title":"Engineer","preferredLanguage":"en-GB","locale":"en-GB","timezone":"Europe/London","active":true,\#
        "emails":[{"value":"user\#(index)@example.com","type":"work","primary":true}],\#
        "phoneNumbers":[{"value":"+44 20 7946 \#(index)","type":"work"}],\#
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"\#(index)",\#
        "costCenter":"CC-7","organization":"Pharos","division":"Operations","department":"Keepers"}
        """#
    }
}
