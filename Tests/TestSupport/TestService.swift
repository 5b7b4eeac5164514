package import Audit
package import Directory
import DirectoryCheck
package import HTTP
package import JSON
package import Locking
import Logging
package import Notes
package import SCIM
package import Service
package import Storage
import Synchronization
import TLS
import Tenancy

/// The whole service without sockets: requests in, responses out, over a store in memory or on disk.
package final class TestService: Sendable {
    package let store: any Store
    package let directory: ResourceDirectory
    package let notes: Notebook
    package let registry: ResourceRegistry
    package let administration: Administration
    package let pipeline: RequestPipeline
    package let gate = AuditGate()
    package let queue: AuditQueue
    package let environment: DirectoryEnvironment
    package let clock: TestClock
    package let publicURL = "https://scim.example.com"

    package convenience init(
        store: any Store,
        features: ServiceProviderFeatures = ServiceProviderFeatures(),
        loops: Int = 2,
        rates: RateLimits = .unlimited
    ) {
        self.init(
            store: store,
            features: features,
            executors: (0..<loops).map { QueueExecutor(label: "loop \($0)") },
            rates: rates
        )
    }

    /// The service on given executors, with time and randomness from outside.
    package init(
        store: any Store,
        features: ServiceProviderFeatures = ServiceProviderFeatures(),
        executors: [any SerialExecutor],
        clock: TestClock = TestClock(),
        randomness: @escaping @Sendable () -> (UInt64, UInt64) = TestService.systemRandomness,
        membershipLimits: MembershipLimits = MembershipLimits(),
        readsWholeRecords: Bool = false,
        background: any BackgroundWork = ImmediateWork(),
        rates: RateLimits = .unlimited
    ) {
        self.store = store
        self.clock = clock
        let environment = DirectoryEnvironment.forTests(clock, randomness: randomness).with(background)
        self.environment = environment
        registry = ResourceRegistry(executors: executors)
        let ledger = Ledger(store: store, gate: gate, committed: {})
        directory = ResourceDirectory(
            ledger: ledger,
            registry: registry,
            environment: environment,
            membershipLimits: membershipLimits,
            readsWholeRecords: readsWholeRecords
        )
        notes = Notebook(store: store, environment: environment)
        administration = Administration(ledger: ledger, environment: environment)
        queue = AuditQueue(
            store: store,
            gate: gate,
            now: environment.now,
            sleep: { try? await Task.sleep(for: $0) },
            committed: {}
        )
        pipeline = RequestPipeline(
            directory: directory,
            notes: notes,
            authenticator: Authenticator(store: store, environment: environment),
            limiter: RateLimiter(rates, now: clock.nanoseconds),
            features: features,
            auditQueue: queue,
            publicURL: publicURL,
            log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
    }

    /// 128 bits from the system's source.
    package static func systemRandomness() -> (UInt64, UInt64) {
        var generator = SystemRandomNumberGenerator()
        return (generator.next(), generator.next())
    }

    /// Creates an enabled tenant and gives a client for it.
    package func client(_ tenant: String = "acme") async throws -> TestClient {
        _ = try await administration.createTenant(tenant, by: .system)
        _ = try await administration.setSCIM(enabled: true, tenant: tenant, by: .system)
        let token = try await administration.generateToken(tenant: tenant, by: .system)
        return TestClient(service: self, tenant: tenant, token: token.text)
    }

    /// Sends one request through the pipeline.
    package func send(_ request: Request) async -> Response {
        let response = await begin(request)
        // What breaks off has no answer that a test could compare.
        return await response.whole() ?? Response(.serviceUnavailable)
    }

    /// Sends one request through the pipeline; its answer may have a rest.
    package func begin(_ request: Request) async -> Response {
        switch pipeline.handle(request) {
        case .ready(let response): response
        case .pending(let operation): await operation()
        }
    }

    /// What is wrong with the rows that follow from records.
    package func findings() throws -> [String] {
        try DirectoryChecker(store: store, environment: environment).findings { _ in }
    }

    /// What requests to a tenant carried to no effect, and how often: `User shoeSize 2`.
    package func ignored(_ tenant: String = "acme") async throws -> [String] {
        let ignored = try await administration.ignoredAttributes(
            of: try administration.tenant(tenant),
            in: notes
        )
        return ignored.all.map { "\($0.name.type) \($0.name.attribute) \($0.sightings.count)" }
            + (ignored.others.map { ["others \($0.count)"] } ?? [])
    }

    /// Every row of the audit log, in order.
    package func log() throws -> [LogRow] {
        try store.withSnapshot { snapshot throws(StoreError) in
            var rows: [LogRow] = []
            try snapshot.scan(prefix: LogKeys.rows, from: nil) { key, value, version in
                if let row = LogRow(key: key, value: value, version: version) { rows.append(row) }
                return .more
            }
            return rows
        }
    }
}

extension TestService {
    /// Stores the audit records of events that changed nothing; none can be noted afterwards.
    package func flushAudit() async throws {
        queue.finish()
        await queue.run()
    }

    /// The audit records as the journal would get them, in order.
    package func records() throws -> [[String: String]] {
        try log().map { row in
            Dictionary(
                AuditRow(row, storeID: UniqueID(high: 0, low: 0)).journalEntry().fields.map {
                    ($0.name, $0.value)
                },
                uniquingKeysWith: { "\($0),\($1)" }
            )
        }
    }

    package func events() throws -> [String] { try records().compactMap { $0["SCIM_EVENT"] } }
}

/// A clock that tests move by hand; it starts in 2026.
package final class TestClock: Sendable {
    private let microseconds = Atomic<Int64>(1_795_000_000_000_000)

    package init() {}

    /// Every reading is a millisecond later than the one before.
    package func now() -> Timestamp {
        Timestamp(microseconds: microseconds.wrappingAdd(1_000, ordering: .relaxed).newValue)
    }

    /// The time as it stands, for rates.
    package func nanoseconds() -> Int64 { microseconds.load(ordering: .relaxed) * 1_000 }

    package func advance(seconds: Int64) { microseconds.wrappingAdd(seconds * 1_000_000, ordering: .relaxed) }

    package func advance(days: Int64) {
        microseconds.wrappingAdd(days * 86_400_000_000, ordering: .relaxed)
    }
}

extension DirectoryEnvironment {
    /// A manual clock, and randomness that is real where none is given.
    package static func forTests(
        _ clock: TestClock,
        randomness: @escaping @Sendable () -> (UInt64, UInt64) = TestService.systemRandomness
    ) -> DirectoryEnvironment {
        DirectoryEnvironment(
            now: clock.now,
            randomness: randomness,
            sha256: { Digest.sha256($0) },
            constantTimeEquals: { Digest.constantTimeEquals($0, $1) },
            seal: { Sealing.seal($0, key: $1, context: $2) },
            open: { Sealing.open($0, key: $1, context: $2) }
        )
    }
}

/// A SCIM client of one tenant.
package struct TestClient: Sendable {
    package let service: TestService
    package var tenant: String
    package var token: String?

    package init(service: TestService, tenant: String, token: String?) {
        self.service = service
        self.tenant = tenant
        self.token = token
    }

    /// Sends a request below the Tenant URL.
    package func send(
        _ method: Method,
        _ path: String,
        _ body: String? = nil,
        fields: [(FieldName, String)] = []
    ) async throws -> TestAnswer {
        var fields = fields
        if let token, !fields.contains(where: { $0.0 == .authorization }) {
            fields.append((.authorization, "Bearer \(token)"))
        }
        let request = Request(
            method: method,
            target: try Target("/\(tenant)/scim/v2\(path)"),
            fields: Fields(fields),
            body: Array((body ?? "").utf8),
            peer: Peer(address: "192.0.2.1", isSecure: true)
        )
        return TestAnswer(await service.send(request))
    }

    /// Creates a user and gives its id.
    package func createUser(_ userName: String, _ more: String = "") async throws -> String {
        let answer = try await send(
            .post,
            "/Users",
            #"{"schemas":["\#(Schema.user.id)"],"userName":"\#(userName)"\#(more)}"#
        )
        return try answer.text("id")
    }

    /// Creates a group and gives its id.
    package func createGroup(_ name: String, members: [String] = []) async throws -> String {
        let list = members.map { #"{"value":"\#($0)"}"# }.joined(separator: ",")
        let answer = try await send(
            .post,
            "/Groups",
            #"{"schemas":["\#(Schema.group.id)"],"displayName":"\#(name)","members":[\#(list)]}"#
        )
        return try answer.text("id")
    }

    package func patch(_ path: String, _ operations: String) async throws -> TestAnswer {
        try await send(
            .patch,
            path,
            #"{"schemas":["\#(PatchRequest.schema)"],"Operations":[\#(operations)]}"#
        )
    }
}

/// An answer with its body as JSON.
package struct TestAnswer: Sendable {
    package let response: Response
    package let json: JSONValue?

    package init(_ response: Response) {
        self.response = response
        json = try? JSONValue(parsing: response.body)
    }

    package var status: Int { Int(response.status.code) }

    package struct Missing: Error {
        package let path: String
        package let body: String
    }

    /// The value at a path of names and array indexes.
    package func value(_ path: String...) -> JSONValue? { value(at: path) }

    private func value(at path: [String]) -> JSONValue? {
        var value = json
        for name in path {
            switch value {
            case .object(let object)?: value = object[name]
            case .array(let elements)?:
                value = Int(name).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
            default: return nil
            }
        }
        return value
    }

    package func text(_ path: String...) throws -> String {
        guard case .string(let text)? = value(at: path) else {
            throw Missing(
                path: path.joined(separator: "."),
                body: String(decoding: response.body, as: UTF8.self)
            )
        }
        return text
    }

    package func integer(_ name: String) -> Int? {
        if case .number(let number)? = value(name) { number.int64.map(Int.init) } else { nil }
    }

    /// The values of one sub-attribute of a multi-valued attribute.
    package func texts(_ attribute: String, _ sub: String = "value") -> [String] {
        guard case .array(let elements)? = value(attribute) else { return [] }
        return elements.compactMap {
            if case .object(let object) = $0, case .string(let text)? = object[sub] { text } else { nil }
        }
    }
}
