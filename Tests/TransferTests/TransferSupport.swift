import Audit
import Directory
import HTTP
import JSON
import SCIM
import Storage
import TestSupport
import Transfer

/// A tenant with what an operator does to it.
struct Transferred {
    let service: TestService
    let client: TestClient

    init() async throws {
        service = TestService(store: MemoryStore(clock: { 1_795_000_000_000_000 }))
        client = try await service.client()
    }

    func transfer(_ tenant: String = "acme") throws -> TenantTransfer {
        let actor = AuditActor.admin(AuditSlug("operator"))
        return try service.administration.transfer(tenant, by: actor, in: service.directory)
    }

    func users(
        _ columns: [String],
        _ rows: [[String]],
        _ options: ImportOptions = ImportOptions()
    ) async throws -> ImportReport {
        try await transfer().importUsers(Self.lines(rows), columns: columns, options: options)
    }

    func cards(
        _ columns: [String],
        _ rows: [[String]],
        replaces: Bool = false,
        _ options: ImportOptions = ImportOptions()
    ) async throws -> ImportReport {
        try await transfer().importCards(
            Self.lines(rows),
            columns: columns,
            replaces: replaces,
            options: options
        )
    }

    /// Numbered from 2, as behind a head.
    private static func lines(_ rows: [[String]]) -> [ImportLine] {
        rows.enumerated().map { ImportLine(number: $0 + 2, cells: $1) }
    }

    func user(_ userName: String) async throws -> TestAnswer {
        let found = try await client.send(.get, "/Users?filter=userName%20eq%20%22\(userName)%22")
        return try await client.send(.get, "/Users/\(found.texts("Resources", "id").first ?? "none")")
    }

    /// The cards of a user as `number type primary`.
    func cards(of userName: String) async throws -> [String] {
        guard case .array(let cards)? = try await user(userName).value(Schema.pharosUser.id, "cards") else {
            return []
        }
        return cards.map { card in
            guard case .object(let card) = card else { return "" }
            return card.members.map { member in
                switch member.value {
                case .string(let text): text
                case .bool(let flag): "\(flag)"
                default: "?"
                }
            }.joined(separator: " ")
        }
    }
}

func counts(_ report: ImportReport) -> [Int] {
    [report.created, report.updated, report.unchanged, report.refusals.count]
}

let dryRun: ImportOptions = {
    var options = ImportOptions()
    options.isDryRun = true
    return options
}()

let atomic: ImportOptions = {
    var options = ImportOptions()
    options.isAtomic = true
    return options
}()
