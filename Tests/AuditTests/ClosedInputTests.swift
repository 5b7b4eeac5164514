import Audit
import JSON
import Storage
import TestSupport
import Testing

@Suite("What may stand in a record")
struct ClosedInputTests {
    @Test("a slug is 1 to 64 letters, digits, dots, underscores and dashes")
    func slugs() {
        for text in ["a", "tok_7", "hr-sync", "A.b-C_9", String(repeating: "x", count: 64)] {
            #expect(AuditSlug(text)?.text == text)
        }
        for text in ["", "a b", "a@b", "ä", "a\n", "a/b", "a=b", "a\0", String(repeating: "x", count: 65)] {
            #expect(AuditSlug(text) == nil)
        }
    }

    @Test("an attribute path has no brackets, quotes or blanks")
    func paths() {
        let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.$ref"
        for text in ["active", "name.familyName", urn] { #expect(AuditAttributePath(text)?.text == text) }
        for text in [
            "", "emails[type eq \"work\"]", "a b", "a\"", "é", String(repeating: "x", count: 257),
        ] {
            #expect(AuditAttributePath(text) == nil)
        }
    }

    @Test(
        "a user agent loses controls and overrides, and is cut at 256 bytes between characters",
        arguments: [
            ("okta/1.0", "okta/1.0"), ("a\nPRIORITY=0\u{1B}[2J", "a?PRIORITY=0?[2J"),
            ("a\u{85}\u{2028}\u{202E}b\u{7F}", "a???b?"),
            (String(repeating: "ä", count: 200), String(repeating: "ä", count: 128)),
            ("x" + String(repeating: "😀", count: 80), "x" + String(repeating: "😀", count: 63)),
        ]
    )
    func userAgents(text: String, clean: String) {
        #expect(AuditUserAgent(text)?.text == clean)
    }

    @Test("an empty user agent is none")
    func emptyUserAgent() { #expect(AuditUserAgent("") == nil) }

    @Test(
        "addresses are read strictly; neighbours share /24 or /48",
        arguments: [
            ("203.0.113.9", "203.0.113.9"), ("::ffff:10.1.2.3", "10.1.2.3"),
            ("2001:DB8::1%eth0", "2001:db8::1"), ("::", "::"), ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"),
            ("::1.2.3.4", "::1.2.3.4"),
        ]
    )
    func addresses(text: String, expected: String) { #expect(AuditAddress(text)?.text == expected) }

    @Test(
        "what is no address is refused",
        arguments: [
            "", "1.2.3", "1.2.3.256", "1.2.3.4.5", "1.2.3.+4", "a", "1:2", "1::2::3", ":1:2:3:4:5:6:7",
            "12345::", "::g", "1:2:3:4:5:6:7:8:9", "::+1", "1.2.3.4\n", "1:2:3:4:5:6:7::8",
        ]
    )
    func noAddresses(text: String) { #expect(AuditAddress(text) == nil) }

    @Test("/24 and /48")
    func networks() {
        #expect(AuditAddress("10.1.2.3")?.network == AuditAddress("10.1.2.250")?.network)
        #expect(AuditAddress("10.1.2.3")?.network != AuditAddress("10.1.3.3")?.network)
        #expect(AuditAddress("2001:db8:1:2::1")?.network == AuditAddress("2001:db8:1:3::2")?.network)
        #expect(AuditAddress("2001:db8:1::1")?.network != AuditAddress("2001:db8:2::1")?.network)
    }

    @Test("a method that is not SCIM's is one word")
    func methods() {
        #expect(AuditMethod("PATCH") == .patch)
        #expect(AuditMethod("patch") == .other)
        #expect(AuditMethod("X\nY") == .other)
    }

    @Test("the largest possible record stays within its limit, and each field below 4096 bytes")
    func largest() {
        var record = Sample.request(.groupMembers)
        let long = String(repeating: "x", count: 256)
        record.attributes = (100...199).flatMap { Sample.paths("\($0)" + long.dropLast(3)) }
        record.members = AuditMembership(
            added: AuditMembers((0..<1_000).map(Sample.id)),
            removed: AuditMembers((0..<1_000).map(Sample.id))
        )
        record.unknownMembers = .max
        record.ignoredAttributes = .max
        record.origin?.userAgent = AuditUserAgent(long)
        let entry = record.logEntry()
        #expect(entry.payload.count <= AuditRecord.payloadBytesMax)
        let rendered = Sample.row(record).journalEntry()
        #expect(rendered.fieldCount <= JournalEntry.fieldsMax)
        for index in 0..<rendered.fieldCount { #expect(rendered.fieldRange(at: index).count < 4_096) }
    }

    @Test(
        "G5: of hostile texts in every place that takes text, no record keeps a control character or a value",
        arguments: PropertyRounds.seeds(5)
    )
    func canaries(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for round in 0..<100 {
            let canary = "c4n\(round)"
            let text = hostile(around: canary, &random)
            var record = Sample.request(
                AuditEvent.allCases.filter { $0.successPriority != nil }.randomElement(using: &random)
                    ?? .userCreate
            )
            record.tenant = AuditSlug(text)
            record.credentialID = AuditSlug(text)
            record.attributes = [text].compactMap { AuditAttributePath($0) }
            record.origin = AuditOrigin(
                address: AuditAddress(text),
                userAgent: AuditUserAgent(text),
                requestID: AuditSlug(text),
                method: AuditMethod(text),
                bulk: AuditBulkPosition(id: AuditSlug(text), index: 0)
            )
            let fields = Sample.row(record).journalEntry().fields
            for (name, value) in fields {
                #expect(value.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F })
                if name != "SCIM_USER_AGENT" {
                    #expect(!value.contains(canary), "seed \(seed): \(name)=\(value)")
                }
            }
        }
    }

    /// A text that no slug or path can be, with the canary in it.
    private func hostile(around canary: String, _ random: inout SeededGenerator) -> String {
        let scalars = [
            "\n", "\0", " ", "\"", "=", "@", "é", "\u{202E}", "[", "%", "\r\nMESSAGE=", "{", "/", "+",
        ]
        var text = canary
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            let scalar = scalars.randomElement(using: &random) ?? " "
            text = Bool.random(using: &random) ? text + scalar : scalar + text
        }
        return text
    }
}
