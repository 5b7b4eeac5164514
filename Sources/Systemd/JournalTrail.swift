package import Audit
internal import CSystemd
internal import Glibc

/// Finds the records of a resource in the journal again.
package struct JournalTrail: AuditJournal {
    private let storeID: String
    private let namespace: String?

    /// Which fields name a resource: as what is changed, and as a member that came or left.
    private static let resourceFields = ["SCIM_TARGET_ID", "SCIM_MEMBER_ADDED", "SCIM_MEMBER_REMOVED"]

    /// - Parameters:
    ///   - storeID: whose records: ``AuditRelay/journalStoreID``.
    ///   - namespace: the journal namespace; nil for the default journal.
    package init(storeID: String, namespace: String?) {
        self.storeID = storeID
        self.namespace = namespace
    }

    package func records(_ question: TrailQuestion) -> TrailPage? {
        do throws(JournalError) { return try read(question) } catch { return nil }
    }

    private func read(_ question: TrailQuestion) throws(JournalError) -> TrailPage {
        let journal = try Journal(namespace: namespace)
        for (index, field) in Self.resourceFields.enumerated() {
            if index > 0 { try journal.addAlternative() }
            // `_UID` cannot be forged: another user's entry tells nothing.
            try journal.match("SCIM_STORE=\(storeID)")
            try journal.match("_UID=\(getuid())")
            try journal.match("SCIM_STREAM=\(question.stream)")
            try journal.match("\(field)=\(question.resourceText)")
        }
        try journal.standBehind(question.before.position == .max ? nil : question.before.position)
        let clock = ThreadPacer()
        let end = clock.monotonicMicroseconds + AuditTrail.microsecondsMax
        var page = TrailPage(records: [], next: nil, isOfJournal: true)
        var known: Set<UInt64> = []
        for looked in 0... {
            guard try journal.goBack() else { return page }
            let time = try journal.time()
            guard looked < AuditTrail.rowsMax, clock.monotonicMicroseconds < end else {
                page.next = .init(sequence: question.before.sequence, position: time)
                return page
            }
            guard let number = journal.value(of: "SCIM_SEQ").flatMap({ UInt64($0) }),
                number < question.before.sequence, known.insert(number).inserted
            else { continue }
            guard page.records.count < question.limit else {
                page.next = page.records.last?.place
                return page
            }
            page.records.append(TrailRecord(.init(sequence: number, position: time), journal.fields()))
        }
        return page
    }
}
