import Audit
import Foundation
import TestSupport
import Testing

@Suite(
    "Every event of the audit trail",
    .ownThreads,
    .enabled(if: Scenario.isPossible && ClockShift.isPossible, "no private journald can be started here")
)
struct EveryEventTests {
    private typealias Entry = [String: Any]

    /// Fields that it takes more to see than a test should: 65 attributes in one change, 65 tenants, and a queue that is full.
    private static let unseen: Set<AuditField> = [.attributesMore, .checkpointHeadMore, .count, .firstTime]
    /// The same of single events: a backup that fails, and a token that nobody has used for an hour.
    private static let unseenOf: [AuditEvent: Set<AuditField>] = [
        .storeSnapshot: [.reason], .tokenRevoke: [.unusedSeconds],
    ]
    /// What every entry has beside the fields that are the event's own.
    private static let common: Set = [
        "SCIM_SCHEMA", "SCIM_STORE", "SCIM_STREAM", "SCIM_SEQ", "SCIM_TIME", "SCIM_PREV", "SCIM_HASH",
        "SCIM_ATTEMPT",
    ]

    @Test("G7: the server makes every event, with the fields that the registry has for it and no others")
    func all() throws {
        let entries = try Self.entries()
        var seen: [AuditEvent: Set<String>] = [:]
        for entry in entries {
            let name = entry["SCIM_EVENT"] as? String ?? ""
            let event = try #require(AuditEvent(rawValue: name), "\(name)")
            let isFailure = entry["SCIM_OUTCOME"] as? String == "failure"
            let priority = isFailure ? event.failurePriority : event.successPriority
            #expect(entry["MESSAGE_ID"] as? String == event.messageID, "\(name)")
            #expect(entry["PRIORITY"] as? String == priority.map(String.init), "\(name)")
            let fields = Set(entry.keys.filter { $0.hasPrefix("SCIM_") }).subtracting(Self.common)
            let always = Self.names(event.description.always)
            let known = always.union(Self.names(event.description.sometimes))
            #expect(fields.isSuperset(of: always), "\(name) lacks \(always.subtracting(fields).sorted())")
            #expect(fields.isSubset(of: known), "\(name) has \(fields.subtracting(known).sorted())")
            seen[event, default: []].formUnion(fields)
        }
        for event in AuditEvent.allCases { #expect(seen[event] != nil, "nothing makes \(event.name)") }
        // Events that have the same fields, as all changes of users, show them together.
        for family in Dictionary(grouping: AuditEvent.allCases, by: \.description.sometimes) {
            let unseen = family.value.reduce(into: Self.unseen) { $0.formUnion(Self.unseenOf[$1] ?? []) }
            let wanted = Self.names(family.key.subtracting(unseen))
            let shown = family.value.reduce(into: Set<String>()) { $0.formUnion(seen[$1] ?? []) }
            let events = family.value.map(\.name)
            #expect(wanted.isSubset(of: shown), "\(events) never have \(wanted.subtracting(shown).sorted())")
        }
    }

    private static func names(_ fields: Set<AuditField>) -> Set<String> { Set(fields.map { "\($0.name)" }) }

    /// What a journal has of a server to which everything happens.
    private static func entries() throws -> [Entry] {
        let files = [
            "schemas": "[\(PrinterType.printerSchema),\(PrinterType.leaseSchema)]", "type": PrinterType.type,
            "printer": TestClient.printer("One"),
        ]
        return try Scenario(text: EveryEventScenario.text).play(files: files, withClockShift: true) { file in
            try file("journal").split(separator: "\n").map { JSON.object(String($0)) }
        }
    }
}
