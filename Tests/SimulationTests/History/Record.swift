import Audit
import Storage

/// What the audit trail tells of a change that was made.
struct Record: Sendable, Hashable {
    /// The number of the exchange that asked for it; nil for what no client of the simulation did.
    var exchange: Int?
    /// The place in a bulk request.
    var place: Int?
    var event: String
    var target: String?
    var status: Int?
    var old: String?
    var new: String?
    var added: [String]
    var removed: [String]

    /// Nil for what is no successful change of a resource.
    init?(_ row: LogRow) {
        let fields = AuditRow(row, storeID: UniqueID(high: 0, low: 0)).journalEntry().fields
        func values(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }
        func value(_ name: String) -> String? { values(name).first }
        guard value("SCIM_OUTCOME") == "success", let event = value("SCIM_EVENT"),
            event.hasPrefix("user.") || event.hasPrefix("group.")
        else { return nil }
        self.event = event
        exchange =
            value("SCIM_TRACE_ID").flatMap { Int($0, radix: 16) }
            ?? value("SCIM_ACTOR_ID").flatMap(Self.number(ofOperator:))
        place = value("SCIM_BULK_INDEX").flatMap { Int($0) }
        target = value("SCIM_TARGET_ID")
        status = value("SCIM_STATUS").flatMap { Int($0) }
        old = value("SCIM_VERSION_OLD")
        new = value("SCIM_VERSION_NEW")
        added = values("SCIM_MEMBER_ADDED")
        removed = values("SCIM_MEMBER_REMOVED")
    }

    // Imports have no trace id, so that their operator's name tells the exchange.

    static func nameOfOperator(_ number: Int) -> String { "import-\(number)" }

    private static func number(ofOperator name: String) -> Int? {
        name.hasPrefix("import-") ? Int(name.dropFirst(7)) : nil
    }

    func text(_ short: (String) -> String) -> String {
        var text = "\(event) #\(exchange.map(String.init) ?? "-")\(place.map { ".\($0)" } ?? "")"
        text += " \(target.map(short) ?? "-") \(status.map(String.init) ?? "-") \(old ?? "-") → \(new ?? "-")"
        if !added.isEmpty { text += " added \(added.map(short))" }
        if !removed.isEmpty { text += " removed \(removed.map(short))" }
        return text
    }
}
