import Audit
import JSON
import Testing

@Suite("Records as sentences and in other forms")
struct SentenceTests {
    private func fields(_ record: AuditRecord) -> Trails.Fields { Sample.row(record).journalEntry().fields }

    @Test("Every event, with every outcome that it can have, is a sentence of its own")
    func everyEvent() {
        var seen: [String: AuditEvent] = [:]
        for event in AuditEvent.allCases {
            for outcome in [AuditOutcome.success, .failure(.unknown)] where outcome.priority(of: event) != nil
            {
                let text = TrailSentence(fields(AuditRecord(event, outcome, actor: .system))).text
                #expect(text.hasPrefix("The server ") && text.hasSuffix("."), "\(event): \(text)")
                #expect(!text.contains("  ") && !text.contains(" ,"), "\(event): \(text)")
                let isShared =
                    event.name.hasPrefix("user.") || event.name.hasPrefix("group.")
                    || event.name.hasPrefix("resource.") || event == .consoleRefused
                    || event == .consoleSignIn
                if !isShared { #expect(seen[text] == nil, "\(text)") }
                seen[text] = event
            }
        }
    }

    @Test("A sentence says who did what, how often, and where that came from")
    func sentences() {
        var record = Sample.request(.userDeactivate)
        record.target = AuditTarget(type: Sample.slug("User"), id: Sample.user)
        record.attributes = Sample.paths("active", "urn:a:b:2.0:User:department")
        #expect(
            TrailSentence(fields(record)).line
                == "2026-11-23 16:19:17  acme  The client “okta/1.0” deactivated user "
                + "01935b20-0000-7abc-8000-000000000001: active, department. "
                + "(from 10.0.3.9, with the token tok_7, request 01h9)"
        )
        var refused = AuditRecord(.authFailure, .failure(.expired), actor: .anonymous)
        refused.coalesced = AuditCoalescing(count: 37, firstTime: Timestamp(microseconds: 0))
        #expect(
            TrailSentence(fields(refused)).text
                == "Somebody without a good token wanted to be let in, and was refused (expired), 37 times."
        )
    }

    @Test("Nothing in a record reaches the terminal as a command, or turns the direction of the text")
    func harmless() {
        let fields: Trails.Fields = [
            ("SCIM_EVENT", "user.create"), ("SCIM_STREAM", "a\u{1B}[2Jb"), ("SCIM_ACTOR_TYPE", "client"),
            ("SCIM_USER_AGENT", "x\u{1B}]0;y\u{7}\u{202E}z” deleted it. “"), ("SCIM_TIME", "\u{8}"),
        ]
        let line = TrailSentence(fields).line
        #expect(line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x202E })
        #expect(line.contains("The client “x?]0;y??z\" deleted it. \"” created"))
    }

    @Test("OCSF: class, activity and type belong together, and the record can be found again")
    func ocsf() throws {
        var record = Sample.request(.userDeactivate)
        record.target = AuditTarget(type: Sample.slug("User"), id: Sample.user)
        let object = try #require(TrailForm.ocsf.object(fields(record)))
        let expected = [
            ("class_uid", 3_007), ("activity_id", 5), ("type_uid", 300_705), ("category_uid", 3),
            ("time", 1_795_450_757_004), ("status_id", 1),
        ]
        for (name, number) in expected { #expect(object[name] == .number(JSONNumber(number)), "\(name)") }
        #expect(TrailForm.ocsf.object(fields(AuditRecord(.serviceStart, .success, actor: .system))) == nil)
    }

    @Test("RFC 9967 §2.4: a change of a resource is the claims of a SET; what failed is no event")
    func securityEvents() throws {
        var record = Sample.request(.userUpdate)
        record.target = AuditTarget(type: Sample.slug("User"), id: Sample.user)
        record.attributes = Sample.paths("emails")
        var bytes: [UInt8] = []
        JSONValue.object(try #require(TrailForm.set.object(fields(record)))).write(to: &bytes)
        let line = String(decoding: bytes, as: UTF8.self)
        #expect(
            line
                == #"{"jti":"01935b20000070008000000000000003.acme.4711","iat":1795450757,"txn":"01h9","#
                + #""sub_id":{"format":"scim","uri":"/Users/01935b20-0000-7abc-8000-000000000001"},"#
                + #""events":{"urn:ietf:params:scim:event:prov:patch:notice":{"attributes":["emails"]}}}"#
        )
        var failed = Sample.request(.userUpdate, .failure(.uniqueness))
        failed.target = record.target
        #expect(TrailForm.set.object(fields(failed)) == nil)
        #expect(TrailForm.set.object(fields(Sample.request(.tokenIssue))) == nil)
    }
}
