import Audit
import JSON
import Storage
import Testing

@Suite("Audit records")
struct RecordTests {
    @Test("G7: a change is told of with exactly the documented fields, in a fixed order")
    func change() {
        var record = Sample.request(.userDeactivate)
        record.target = AuditTarget(type: Sample.slug("User"), id: Sample.user)
        record.attributes = Sample.paths("active")
        record.versions = .changed(from: CommitVersion(8))
        let fields = Sample.row(record).journalEntry().fields.map { "\($0.name)=\($0.value)" }
        #expect(
            fields == [
                "MESSAGE=user.deactivate success tenant=acme actor=client:hr-sync"
                    + " target=User/01935b20-0000-7abc-8000-000000000001 seq=4711",
                "MESSAGE_ID=f72655e2778b4c0da565b757983f771a", "PRIORITY=5",
                "SYSLOG_IDENTIFIER=scim-audit", "SYSLOG_FACILITY=13", "SCIM_SCHEMA=1",
                "SCIM_STORE=01935b20000070008000000000000003", "SCIM_STREAM=acme", "SCIM_SEQ=4711",
                "SCIM_TIME=2026-11-23T16:19:17.004211Z", "SCIM_EVENT=user.deactivate", "SCIM_OUTCOME=success",
                "SCIM_TENANT=acme", "SCIM_ACTOR_TYPE=client", "SCIM_ACTOR_ID=hr-sync",
                "SCIM_CREDENTIAL_ID=tok_7", "SCIM_IP=10.0.3.9", "SCIM_USER_AGENT=okta/1.0",
                "SCIM_REQUEST_ID=01h9", "SCIM_TRACE_ID=4bf92f3577b34da6a3ce929d0e0e4736", "SCIM_METHOD=PATCH",
                "SCIM_STATUS=200", "SCIM_TARGET_TYPE=User",
                "SCIM_TARGET_ID=01935b20-0000-7abc-8000-000000000001", "SCIM_ATTR=active",
                "SCIM_VERSION_OLD=W/\"8\"", "SCIM_VERSION_NEW=W/\"9\"",
            ]
        )
    }

    @Test("G7: a counted refusal has reason, count and the time of the first, and priority 4")
    func refusal() {
        var record = AuditRecord(.authFailure, .failure(.expired), actor: .anonymous)
        record.tenant = Sample.slug("acme")
        record.credentialID = Sample.slug("tok_3")
        record.origin = AuditOrigin(address: AuditAddress("203.0.113.9"), status: 401)
        record.coalesced = AuditCoalescing(count: 37, firstTime: Timestamp(microseconds: 0))
        let entry = Sample.row(record).journalEntry()
        #expect(
            entry.fields[0].value == "auth.failure failure tenant=acme reason=expired count=37 seq=4711"
        )
        #expect(entry.fields[2].value == "4")
        #expect(
            Sample.fields(record) == [
                "SCIM_REASON=expired", "SCIM_TENANT=acme", "SCIM_ACTOR_TYPE=anonymous",
                "SCIM_CREDENTIAL_ID=tok_3", "SCIM_IP=203.0.113.9", "SCIM_STATUS=401", "SCIM_COUNT=37",
                "SCIM_FIRST_TIME=1970-01-01T00:00:00.000000Z",
            ]
        )
    }

    @Test("G7: each event with details of its own renders exactly those", arguments: Details.all)
    func details(of sample: Details) throws {
        let outcome: AuditOutcome = sample.event.successPriority == nil ? .failure(.behind) : .success
        var record = AuditRecord(sample.event, outcome, actor: .system)
        record.details = try sample.details()
        let reason = outcome == .success ? [] : ["SCIM_REASON=behind"]
        #expect(Sample.fields(record) == reason + ["SCIM_ACTOR_TYPE=system"] + sample.fields)
        #expect(record.logEntry().stream == "_system")
    }

    @Test("G7: every event renders its name, id and priority for each outcome it can have")
    func everyEvent() {
        for event in AuditEvent.allCases {
            for outcome in [AuditOutcome.success, .failure(.unknown)] {
                guard let priority = outcome.priority(of: event) else { continue }
                let fields = Sample.row(AuditRecord(event, outcome, actor: .system)).journalEntry().fields
                let reason = outcome == .success ? [] : ["unknown"]
                #expect(fields.map(\.name).prefix(3) == ["MESSAGE", "MESSAGE_ID", "PRIORITY"])
                #expect(fields[1].value == event.messageID)
                #expect(fields[2].value == String(priority))
                #expect(
                    fields.dropFirst(10).map(\.value) == [event.name, outcome.word] + reason + ["system"]
                )
            }
        }
    }

    @Test("an event with an outcome that it never has is a programmer's mistake")
    func impossibleOutcome() async {
        await #expect(processExitsWith: .failure) {
            _ = AuditRecord(.authFailure, .success, actor: .system)
        }
    }

    @Test("more than 64 members or attributes: the first 64, how many more, and the totals")
    func manyValues() {
        var record = Sample.request(.groupMembers)
        record.members = AuditMembership(
            added: AuditMembers((1...100).map(Sample.id)),
            removed: AuditMembers([Sample.user])
        )
        record.attributes = (1...70).flatMap { Sample.paths("a\($0)", "a\($0)") }
        let fields = Sample.fields(record)
        #expect(fields.count { $0.hasPrefix("SCIM_MEMBER_ADDED=") } == 64)
        #expect(fields.contains("SCIM_MEMBER_ADDED_MORE=36"))
        #expect(fields.contains("SCIM_MEMBERS_ADDED=100"))
        #expect(fields.contains("SCIM_MEMBERS_REMOVED=1"))
        #expect(fields.count { $0.hasPrefix("SCIM_ATTR=") } == 64)
        #expect(fields.contains("SCIM_ATTR_MORE=6"))
        #expect(!fields.contains { $0.hasPrefix("SCIM_MEMBER_REMOVED_MORE") })
    }

    @Test("creation has a new version only, deletion an old one only, a failure none")
    func versions() {
        var record = Sample.request(.userCreate)
        let without = Sample.fields(record)
        record.versions = .made
        #expect(Sample.fields(record) == without + ["SCIM_VERSION_NEW=W/\"9\""])
        record.versions = .ended(CommitVersion(7))
        #expect(Sample.fields(record) == without + ["SCIM_VERSION_OLD=W/\"7\""])
    }

    @Test(
        "a payload of an unknown form becomes an entry that keeps the number",
        arguments: [[], [2], [1, 1], [1, 250, 0, 0]]
    )
    func unreadable(payload: [UInt8]) {
        let row = LogRow(
            order: 1,
            stream: "acme",
            sequence: 5,
            version: CommitVersion(1),
            timeMicroseconds: 0,
            payload: payload
        )
        let fields = AuditRow(row, storeID: Sample.store).journalEntry().fields
        #expect(fields[0].value == "unreadable record seq=5")
        #expect(fields.contains { $0 == ("SCIM_SEQ", "5") })
        #expect(!fields.contains { $0.name == "MESSAGE_ID" })
    }

    @Test("the JSON line repeats a field's values as an array")
    func jsonLine() {
        var entry = JournalEntry()
        entry.add("A", "1\n\"")
        entry.add("B", "x")
        entry.add("B", "y")
        #expect(
            String(decoding: entry.jsonLine, as: UTF8.self) == "{\"A\":\"1\\n\\\"\",\"B\":[\"x\",\"y\"]}\n"
        )
    }
}

/// The events whose records have a form of their own.
struct Details: Sendable, CustomTestStringConvertible {
    let event: AuditEvent
    let details: @Sendable () throws -> AuditDetails
    let fields: [String]

    var testDescription: String { event.name }

    static let old = String(repeating: "01", count: 32)
    static let new = String(repeating: "f2", count: 32)

    static let all = [
        Details(
            event: .tokenIssue,
            details: { .expiry(Timestamp(microseconds: 1)) },
            fields: ["SCIM_EXPIRES=1970-01-01T00:00:00.000001Z"]
        ),
        Details(
            event: .serviceStart,
            details: {
                .start(
                    version: Sample.slug("0.1.0"),
                    configuration: try Sample.digest(0xF2),
                    certificate: nil,
                    recovered: true
                )
            },
            fields: ["SCIM_PROGRAM_VERSION=0.1.0", "SCIM_CONFIG_SHA256=\(new)", "SCIM_START=recovered"]
        ),
        Details(
            event: .serviceStop,
            details: { .stop(undelivered: 3) },
            fields: ["SCIM_STOP=request", "SCIM_OUTBOX_RECORDS=3"]
        ),
        Details(
            event: .configReload,
            details: {
                .reload(
                    old: try Sample.digest(1),
                    new: try Sample.digest(0xF2),
                    certificate: AuditCertificate(
                        serialNumber: Sample.slug("0A"),
                        notAfter: Timestamp(microseconds: 1)
                    )
                )
            },
            fields: [
                "SCIM_CONFIG_SHA256_OLD=\(old)", "SCIM_CONFIG_SHA256=\(new)", "SCIM_TLS_SERIAL=0A",
                "SCIM_TLS_NOT_AFTER=1970-01-01T00:00:00.000001Z",
            ]
        ),
        Details(
            event: .tokenRetire,
            details: { .unused(seconds: 3_600) },
            fields: ["SCIM_UNUSED_SECONDS=3600"]
        ),
        Details(
            event: .consoleSignIn,
            details: { .signIn(.provider, role: .reader) },
            fields: ["SCIM_SIGN_IN=provider", "SCIM_ROLE=reader"]
        ),
        Details(
            event: .consoleSignIn,
            details: { .signIn(.link, role: nil) },
            fields: ["SCIM_SIGN_IN=link"]
        ),
        Details(
            event: .consoleLink,
            details: { .link(role: .owner, expires: Timestamp(microseconds: 1)) },
            fields: ["SCIM_ROLE=owner", "SCIM_EXPIRES=1970-01-01T00:00:00.000001Z"]
        ),
        outbox(.auditDegraded), outbox(.auditRecovered), outbox(.auditRefusing),
    ]

    static func outbox(_ event: AuditEvent) -> Details {
        Details(
            event: event,
            details: { .outbox(records: 12, oldestSeconds: 34) },
            fields: ["SCIM_OUTBOX_RECORDS=12", "SCIM_OUTBOX_AGE_SECONDS=34"]
        )
    }
}
