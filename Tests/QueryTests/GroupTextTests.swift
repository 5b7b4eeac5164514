import Audit
import HTTP
import JSON
import SCIM
import Storage
import TestSupport
import Testing

@testable import Directory
@testable import Query
@testable import Tenancy

@Suite("Texts of groups that are kept")
struct GroupTextTests {
    /// What changes a group that a user's answer has shown.
    enum Event: CaseIterable { case rename, replacement, deletion, leaving, joining, large }

    @Test(
        "RFC 7643 §4.1.2: after a change of a group a user shows what the group is now",
        arguments: Event.allCases
    )
    func changes(event: Event) async throws {
        var limits = MembershipLimits()
        (limits.namedMax, limits.endedMax, limits.sliceMax) = (2, 1, 2)
        let service = TestService(
            store: MemoryStore(clock: { 1 }),
            executors: [QueueExecutor(label: "loop")],
            membershipLimits: limits
        )
        let client = try await service.client()
        var users: [String] = []
        for number in 0..<6 { users.append(try await client.createUser("u\(number)")) }
        let first = try await client.createGroup("First", members: [users[0], users[1]])
        let second = try await client.createGroup("Second", members: [users[0]])
        func shown(_ user: String) async throws -> [String] {
            let page = try await client.send(.get, "/Users?filter=userName%20eq%20%22u\(user)%22")
            let one = try await client.send(.get, "/Users/\(users[Int(user) ?? 0])")
            #expect(page.texts(in: "groups", "display") == one.texts("groups", "display"))
            return one.texts("groups", "display").sorted()
        }
        #expect(try await shown("0") == ["First", "Second"])
        #expect(try await shown("0") == ["First", "Second"])
        #expect(try await shown("1") == ["First"])
        #expect(try await shown("2") == [])
        func put(_ name: String, _ members: [String]) async throws {
            let list = members.map { #"{"value":"\#($0)"}"# }.joined(separator: ",")
            let body = #"{"schemas":["\#(Schema.group.id)"],"displayName":"\#(name)","members":[\#(list)]}"#
            #expect(try await client.send(.put, "/Groups/\(first)", body).status == 200)
        }
        switch event {
        case .rename:
            _ = try await client.patch(
                "/Groups/\(first)",
                #"{"op":"replace","path":"displayName","value":"New"}"#
            )
            #expect(try await shown("0") == ["New", "Second"])
            #expect(try await shown("1") == ["New"])
        case .replacement:
            try await put("Put", [users[1], users[2]])
            #expect(try await shown("0") == ["Second"])
            #expect(try await shown("1") == ["Put"])
            #expect(try await shown("2") == ["Put"])
        case .deletion:
            #expect(try await client.send(.delete, "/Groups/\(first)").status == 204)
            #expect(try await shown("0") == ["Second"])
            #expect(try await shown("1") == [])
        case .leaving:
            _ = try await client.patch(
                "/Groups/\(first)",
                #"{"op":"remove","path":"members[value eq \"\#(users[0])\"]"}"#
            )
            #expect(try await shown("0") == ["Second"])
            #expect(try await shown("1") == ["First"])
        case .joining:
            _ = try await client.patch(
                "/Groups/\(second)",
                #"{"op":"add","path":"members","value":[{"value":"\#(users[2])"}]}"#
            )
            #expect(try await shown("2") == ["Second"])
            #expect(try await shown("0") == ["First", "Second"])
        case .large:
            // Enough to give the group another set.
            try await put("First", Array(users[2...]))
            #expect(try await shown("0") == ["Second"])
            #expect(try await shown("1") == [])
            #expect(try await shown("5") == ["First"])
            #expect(try await shown("5") == ["First"])
        }
    }

    @Test("a text is good for its tenant, its state and its address, and a long one is not kept")
    func slots() {
        let texts = GroupTexts()
        let (one, other) = (UniqueID(high: 1, low: 5), UniqueID(high: 2, low: 6))
        let asked = GroupTexts.Asked(tenant: 1, state: 7, baseURL: "https://a")
        var output: [UInt8] = []
        #expect(!texts.append([one], asked, to: &output))
        texts.keep([(one, [1]), (other, [2])], asked)
        output = []
        #expect(texts.append([one, other], asked, to: &output) && output == [1, 0x2C, 2])
        for wrong in [
            GroupTexts.Asked(tenant: 9, state: 7, baseURL: "https://a"),
            GroupTexts.Asked(tenant: 1, state: 8, baseURL: "https://a"),
            GroupTexts.Asked(tenant: 1, state: 7, baseURL: "https://b"),
        ] {
            #expect(!texts.append([one], wrong, to: &output))
        }
        #expect(!texts.append([one, UniqueID(high: 3, low: 5)], asked, to: &output))
        let long = UniqueID(high: 4, low: 8)
        texts.keep([(long, Array(repeating: 1, count: GroupTexts.textBytesMax + 1))], asked)
        #expect(!texts.append([long], asked, to: &output))
    }
}

extension TestAnswer {
    /// The values of a sub-attribute of a multi-valued attribute of the first resource on a page.
    fileprivate func texts(in attribute: String, _ sub: String) -> [String] {
        guard case .array(let elements)? = value("Resources", "0", attribute) else { return [] }
        return elements.compactMap {
            if case .object(let object) = $0, case .string(let text)? = object[sub] { text } else { nil }
        }
    }
}
