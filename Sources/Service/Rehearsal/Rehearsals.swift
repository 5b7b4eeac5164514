import Audit
import Directory
import HTTP
import JSON
import Logging
import Notes
import SCIM
import Storage
import Tenancy

/// Plays an identity provider's requests against a twin of a tenant, and tells each answer.
///
/// ```
/// tenant's settings, schemas ─► twin: the same service over a store in memory ◄─ script, request by request
///                                             └─► sheet: requests, answers, what was expected
/// ```
///
/// The twin has no resources, its changes leave no record, and it is gone with the sheet. Nothing of it touches the tenant.
struct Rehearsals: Sendable {
    private let directory: ResourceDirectory
    private let features: ServiceProviderFeatures
    private let publicURL: String

    init(_ directory: ResourceDirectory, features: ServiceProviderFeatures, publicURL: String) {
        self.directory = directory
        self.features = features
        self.publicURL = publicURL
    }

    /// Plays a script against a twin of the tenant that `definition` defines.
    func play(
        _ script: RehearsalScript,
        tenant: String,
        _ definition: Changeset
    ) async throws(AdministrationError) -> JSONObject {
        let twin = try await Twin(tenant, definition, directory, features, publicURL: publicURL)
        var played: [JSONValue] = []
        var failed = 0
        var kept: [String: String] = [:]
        for step in script.steps {
            let path = Self.filled(step.path, kept)
            let body = step.body.map { Self.filled($0, kept) }
            let response = await twin.send(step.method, path, body, script.fields)
            if case .created(let word) = step.expectation,
                case .object(let object)? = try? JSONValue(parsing: response.body)
            {
                kept[word] = object.text("id")
            }
            let finding = step.finding(in: response)
            if finding != nil { failed += 1 }
            played.append(Self.sheet(of: step, path, body, response, finding))
        }
        return AdminMessage.object([
            .init("client", .string(script.client)),
            .init("title", .string(script.title)),
            .init("tenant", .string(tenant)),
            .init("played", .string(directory.environment.now().text)),
            .init("failed", .number(JSONNumber(failed))),
            .init("steps", .array(played)),
        ])
    }

    /// A text with ids in place of the words that stand for them; what was never created leaves its word.
    private static func filled(_ text: String, _ kept: [String: String]) -> String {
        kept.reduce(text) { text, word in text.replacing("{\(word.key)}", with: word.value) }
    }

    private static func sheet(
        of step: RehearsalStep,
        _ path: String,
        _ body: String?,
        _ response: Response,
        _ finding: String?
    ) -> JSONValue {
        .object(
            AdminMessage.object([
                .init("title", .string(step.title)),
                .init("method", .string(step.method.text)),
                .init("path", .string(path)),
                .init("body", body.map(document) ?? .null),
                .init("status", .number(JSONNumber(Int(response.status.code)))),
                .init("answer", document(String(decoding: response.body, as: UTF8.self))),
                .init("expected", .string(step.expectation.sentence)),
                .init("finding", finding.map(JSONValue.string) ?? .null),
            ])
        )
    }

    /// A body as the JSON that it is; null for none.
    private static func document(_ body: String) -> JSONValue {
        (try? JSONValue(parsing: Array(body.utf8))) ?? .null
    }
}

/// A service of one tenant over a store in memory.
private struct Twin {
    private let pipeline: RequestPipeline
    private let token: String
    private let tenant: String

    init(
        _ tenant: String,
        _ definition: Changeset,
        _ original: ResourceDirectory,
        _ features: ServiceProviderFeatures,
        publicURL: String
    ) async throws(AdministrationError) {
        let environment = original.environment
        let store = MemoryStore { environment.now().microseconds }
        do throws(StoreError) { _ = try await store.commit(definition) } catch { throw .store(error) }
        let gate = AuditGate()
        let ledger = Ledger(store: store, gate: gate, committed: {})
        pipeline = RequestPipeline(
            directory: original.twin(ledger),
            notes: Notebook(store: store, environment: environment),
            authenticator: Authenticator(store: store, environment: environment),
            limiter: RateLimiter(.unlimited, now: { 0 }),
            features: features,
            auditQueue: AuditQueue(
                store: store,
                gate: gate,
                now: environment.now,
                sleep: { _ in },
                committed: {}
            ),
            publicURL: publicURL,
            log: Logger(label: "rehearsal", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        token = try await Administration(ledger: ledger, environment: environment)
            .generateToken(tenant: tenant, by: .system).text
        self.tenant = tenant
    }

    func send(
        _ method: HTTP.Method,
        _ path: String,
        _ body: String?,
        _ fields: [(FieldName, String)]
    ) async -> Response {
        guard let target = try? Target("/\(tenant)/scim/v2\(path)") else {
            preconditionFailure("A script's paths are targets, and ids need no escaping.")
        }
        let request = Request(
            method: method,
            target: target,
            fields: Fields(fields + [(.authorization, "Bearer \(token)")]),
            body: Array((body ?? "").utf8),
            peer: Peer(address: nil, isSecure: true)
        )
        let response =
            switch pipeline.handle(request) {
            case .ready(let response): response
            case .pending(let operation): await operation()
            }
        return await response.whole() ?? Response(.serviceUnavailable)
    }
}
