import Audit
import Testing

@Suite("Audit events")
struct EventTests {
    @Test("G7: the 55 events have exactly the names, ids and priorities of the registry")
    func registry() {
        #expect(AuditEvent.allCases.count == 55)
        #expect(EventRegistry.entries.map(\.event) == AuditEvent.allCases)
        for entry in EventRegistry.entries {
            #expect(entry.event.name == entry.name)
            #expect(entry.event.messageID == entry.messageID)
            #expect(entry.event.successPriority == entry.success)
            #expect(entry.event.failurePriority == entry.failure)
        }
    }

    @Test("no two events share an id, and every id is 32 lower-case hexadecimal digits")
    func ids() {
        #expect(Set(AuditEvent.allCases.map(\.messageID)).count == 55)
        for event in AuditEvent.allCases {
            #expect(event.messageID.wholeMatch(of: /[0-9a-f]{32}/) != nil)
        }
    }

    @Test("every failure has a priority above notice, every success one of 4 to 6")
    func priorities() {
        for event in AuditEvent.allCases {
            if let priority = event.failurePriority { #expect((2...4).contains(priority)) }
            if let priority = event.successPriority { #expect((4...6).contains(priority)) }
        }
    }

    @Test("reasons are words that need no quoting")
    func reasons() {
        for reason in AuditReason.allCases { #expect(AuditSlug(reason.word) != nil) }
    }

    @Test("field names follow the journal's rules and are unique")
    func fieldNames() {
        let names = AuditField.allCases.map(\.name.description)
        #expect(Set(names).count == names.count)
        for name in names {
            #expect(name.wholeMatch(of: /SCIM_[A-Z0-9_]+/) != nil)
            #expect(name.utf8.count <= 64)
        }
    }
}
