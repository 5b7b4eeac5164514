import Audit
import Storage
import TestSupport
import Testing

@Suite("Reading the trail of a resource back")
struct TrailTests {
    private let store = MemoryStore(clock: { Sample.time })

    /// A journal that holds the records of a store up to a number, as a page of the outbox tells them.
    private struct Journal: AuditJournal {
        let store: MemoryStore
        let through: UInt64
        var isReadable = true

        func records(_ question: TrailQuestion) -> TrailPage? {
            guard isReadable, var page = try? AuditTrail(store: store, journal: nil).page(question) else {
                return nil
            }
            page.records.removeAll { $0.place.sequence > through }
            page.isOfJournal = true
            return page
        }
    }

    private func append(
        _ event: AuditEvent,
        target: UniqueID,
        tenant: String = "acme",
        added: [UniqueID] = []
    ) async throws {
        var record = Sample.request(event)
        record.tenant = Sample.slug(tenant)
        record.target = AuditTarget(type: Sample.slug(event == .groupMembers ? "Group" : "User"), id: target)
        if !added.isEmpty { record.members = AuditMembership(added: AuditMembers(added)) }
        _ = try await store.commit(Changeset(.append(record.logEntry())))
    }

    private func page(
        _ resource: UniqueID = Sample.user,
        before: TrailQuestion.Place? = nil,
        limit: Int = AuditTrail.recordsMax,
        stream: String = "acme",
        journal: (any AuditJournal)? = nil
    ) throws -> TrailPage {
        try AuditTrail(store: store, journal: journal).page(
            TrailQuestion(stream: stream, resource: resource, before: before, limit: limit)
        )
    }

    private func numbers(_ page: TrailPage) -> [UInt64] { page.records.map(\.place.sequence) }

    @Test("A resource's records come newest first, with those of groups that it came into, and nobody else's")
    func records() async throws {
        try await append(.userCreate, target: Sample.user)
        try await append(.userUpdate, target: Sample.id(7))
        try await append(.groupMembers, target: Sample.group, added: [Sample.id(7), Sample.user])
        try await append(.userUpdate, target: Sample.user, tenant: "other")
        let page = try page()
        #expect(numbers(page) == [3, 1] && page.next == nil && !page.isOfJournal)
        #expect(page.records[0].fields.contains { $0 == ("SCIM_EVENT", "group.members") })
        #expect(page.records[0].fields.allSatisfy { $0.name.hasPrefix("SCIM_") })
        #expect(try numbers(self.page(stream: "other")) == [1])
        #expect(try numbers(self.page(stream: "nobody")).isEmpty)
        #expect(try numbers(self.page(Sample.id(8))).isEmpty)
    }

    @Test("Pages follow each other without a gap, and a place leads to its record")
    func pages() async throws {
        for _ in 0..<120 {
            try await append(.userUpdate, target: Sample.user)
            try await append(.userUpdate, target: Sample.id(7))
        }
        var all: [UInt64] = []
        var before: TrailQuestion.Place?
        repeat {
            let page = try page(before: before)
            #expect(page.records.count <= AuditTrail.recordsMax)
            all += numbers(page)
            before = page.next
        } while before != nil
        let expected: [UInt64] = (1...120).map { UInt64($0 * 2 - 1) }.reversed()
        #expect(all == expected)
        let one = try #require(try page(limit: 4).records.last)
        let place = try #require(TrailQuestion.Place(text: one.place.text))
        #expect(try numbers(page(before: place.following, limit: 1)) == [one.place.sequence])
        for text in ["", "1", "1.", ".1", "1.2.3", "-1.2", "a.b", "1.99999999999999999999"] {
            #expect(TrailQuestion.Place(text: text) == nil, "\(text)")
        }
    }

    @Test("A page looks at a bounded number of rows, and names where it stopped")
    func bound() async throws {
        try await append(.userCreate, target: Sample.user)
        let other = Sample.request(.userUpdate).logEntry()
        for _ in 0..<AuditTrail.rowsMax / 1_000 {
            _ = try await store.commit(Changeset((0..<1_000).map { _ in Mutation.append(other) }))
        }
        let first = try page()
        #expect(first.records.isEmpty && first.next != nil)
        #expect(try numbers(page(before: first.next)) == [1])
    }

    @Test("What the journal has not confirmed yet comes from the outbox, and no record twice")
    func merged() async throws {
        for _ in 0..<5 { try await append(.userUpdate, target: Sample.user) }
        let page = try page(journal: Journal(store: store, through: 3))
        #expect(numbers(page) == [5, 4, 3, 2, 1] && page.isOfJournal && page.next == nil)
        let some = try self.page(limit: 3, journal: Journal(store: store, through: 3))
        #expect(numbers(some) == [5, 4, 3])
        #expect(
            try numbers(self.page(before: some.next, journal: Journal(store: store, through: 3))) == [2, 1]
        )
        let unreadable = try self.page(journal: Journal(store: store, through: 3, isReadable: false))
        #expect(numbers(unreadable).count == 5 && !unreadable.isOfJournal)
    }
}
