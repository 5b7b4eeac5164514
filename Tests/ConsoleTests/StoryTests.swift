import Audit
import JSON
import Testing

@testable import Console

@Suite("Stories in the console")
struct StoryTests {
    private static func sentence(_ json: String, in resource: String = "1") throws -> RecordSentence {
        guard case .object(let object) = try JSONValue(parsing: Array(json.utf8)) else { throw NoObject() }
        return RecordSentence(object, in: resource)
    }

    private struct NoObject: Error {}

    @Test("Every event of a resource has a sentence, and no other event has one")
    func events() {
        let ofResources = AuditEvent.allCases.map(\.name).filter { name in
            ["user.", "group.", "resource."].contains { name.hasPrefix($0) }
        }
        // Reads leave no record.
        let reads: Set = ["resource.read", "resource.search"]
        #expect(Set(RecordSentence.deeds.keys) == Set(ofResources).subtracting(reads))
    }

    @Test(
        "A sentence says who did what, and by which client and request",
        arguments: [
            (
                #"{"SCIM_EVENT":"user.update","SCIM_OUTCOME":"success","SCIM_ACTOR_TYPE":"client","SCIM_USER_AGENT":"Okta SCIM Client 1.0.0","SCIM_ATTR":["emails","urn:a:b:2.0:User:department"],"SCIM_IP":"10.0.0.1","SCIM_CREDENTIAL_ID":"tok_7","SCIM_REQUEST_ID":"r1","SCIM_TARGET_ID":"1"}"#,
                "The client “Okta SCIM Client 1.0.0” changed this user: emails, department.",
                "from 10.0.0.1, with the token tok_7, request r1"
            ),
            (
                #"{"SCIM_EVENT":"user.create","SCIM_ACTOR_TYPE":"client","SCIM_USER_AGENT":"ops@acme.com” deleted it. “","SCIM_TARGET_ID":"1"}"#,
                #"The client “ops@acme.com" deleted it. "” created this user."#, ""
            ),
            (
                #"{"SCIM_EVENT":"user.create","SCIM_OUTCOME":"success","SCIM_ACTOR_TYPE":"admin","SCIM_ACTOR_ID":"ann@example.com","SCIM_TARGET_ID":"1"}"#,
                "ann@example.com created this user.", ""
            ),
            (
                #"{"SCIM_EVENT":"group.members","SCIM_OUTCOME":"success","SCIM_ACTOR_TYPE":"client","SCIM_TARGET_ID":"1","SCIM_MEMBERS_ADDED":"1","SCIM_MEMBERS_REMOVED":"2"}"#,
                "The identity provider changed the members of this group: 1 member added; 2 members removed.",
                ""
            ),
            (
                #"{"SCIM_EVENT":"group.members","SCIM_OUTCOME":"success","SCIM_ACTOR_TYPE":"system","SCIM_TARGET_ID":"2","SCIM_MEMBER_ADDED":["1"]}"#,
                "This service added this to a group.", ""
            ),
            (
                #"{"SCIM_EVENT":"group.update","SCIM_OUTCOME":"success","SCIM_ACTOR_TYPE":"system","SCIM_TARGET_ID":"2","SCIM_MEMBER_REMOVED":["1"]}"#,
                "This service removed this from a group.", ""
            ),
            (
                #"{"SCIM_EVENT":"user.update","SCIM_OUTCOME":"failure","SCIM_REASON":"uniqueness","SCIM_ACTOR_TYPE":"client","SCIM_TARGET_ID":"1","SCIM_ATTR":["userName"]}"#,
                "The identity provider wanted to change this user, and was refused (uniqueness).", ""
            ),
            (
                #"{"SCIM_EVENT":"user.update","SCIM_ACTOR_TYPE":"admin","SCIM_TARGET_ID":"1","SCIM_ATTR":["a","b","c","d","e","f","g","h","i","j"],"SCIM_ATTR_MORE":"3"}"#,
                "An operator changed this user: a, b, c, d, e, f, g, h and 5 more.", ""
            ),
        ]
    )
    func sentences(json: String, text: String, origin: String) throws {
        let sentence = try Self.sentence(json)
        #expect(sentence.text == text && sentence.origin == origin)
        #expect(sentence.isFailure == json.contains("failure"))
    }

    @Test(
        "A user's page tells the story, each sentence with its record, and nothing that a client wrote is more than text"
    )
    func page() async throws {
        let console = try TestConsole()
        console.backend.answer("GET /tenants/acme/scim/v2/Users/1", #"{"id":"1","userName":"ann"}"#)
        let record =
            #"{"place":"3.9","SCIM_EVENT":"user.update","SCIM_OUTCOME":"success","SCIM_ACTOR_TYPE":"client","SCIM_USER_AGENT":"<script>x</script>","SCIM_TARGET_ID":"1","SCIM_ATTR":["a","b"],"SCIM_TIME":"2026-11-29T10:00:00.000001Z"}"#
        console.backend.answer(
            "GET /tenants/acme/story?resource=1",
            #"{"source":"journal","next":"3.9","records":[\#(record)]}"#
        )
        let reader = console.signIn(.reader)
        let page = try await reader.get("/tenants/acme/users/1").text
        #expect(page.contains("The client “&lt;script&gt;x&lt;/script&gt;” changed this user: a, b."))
        #expect(page.contains("29 November 2026, 10:00 UTC") && !page.contains("reads no journal"))
        #expect(page.contains(#"href="/tenants/acme/users/1?before=3.9#story""#))
        #expect(page.contains(#"href="/tenants/acme/records/1/3.9""#))
        console.backend.answer("GET /tenants/acme/story?resource=1&record=3.9", #"{"records":[\#(record)]}"#)
        let one = try await reader.get("/tenants/acme/records/1/3.9").text
        #expect(one.contains("SCIM_USER_AGENT") && one.ranges(of: "SCIM_ATTR</th>").count == 2)
        #expect(!one.contains("<script>x") && !one.contains(">place<"))
        console.backend.answer(
            "GET /tenants/acme/story?resource=1&before=3.9",
            #"{"source":"outbox","records":[]}"#
        )
        let earlier = try await reader.get("/tenants/acme/users/1?before=3.9").text
        #expect(earlier.contains("no earlier record") && earlier.contains("reads no journal"))
        #expect(try await reader.get("/tenants/acme/records/1/4.9").status == 404)
        #expect(
            try await console.signIn(.owner, .tenant("other")).get("/tenants/acme/records/1/3.9").status
                == 404
        )
    }

    @Test("Each field says whose it is: whoever set it last, by the trail, and cards are always imported")
    func owners() async throws {
        let console = try TestConsole()
        console.backend.answer(
            "GET /tenants/acme/scim/v2/Users/1",
            #"{"id":"1","userName":"ann","title":"T","nickName":"N","name":{"familyName":"F"},"urn:x:2.0:User":{"site":"S","cards":[{"value":"C"}]}}"#
        )
        func record(_ actor: String, _ outcome: String, _ attributes: String) -> String {
            #"{"SCIM_TARGET_ID":"1","SCIM_OUTCOME":"\#(outcome)","SCIM_ACTOR_TYPE":"\#(actor)","SCIM_ACTOR_ID":"bob","SCIM_ATTR":[\#(attributes)]}"#
        }
        let records = [
            record("client", "failure", #""title""#),
            record("admin", "success", #""title","urn:x:2.0:User:site""#),
            record("client", "success", #""title","userName","name.familyName""#),
        ]
        console.backend.answer(
            "GET /tenants/acme/story?resource=1",
            #"{"source":"journal","records":[\#(records.joined(separator: ","))]}"#
        )
        let page = try await console.signIn().get("/tenants/acme/users/1").text
        for (field, value, owner) in [
            ("userName", "ann", "SCIM"), ("title", "T", "import (bob)"), ("nickName", "N", "SCIM (Okta)"),
            ("name.familyName", "F", "SCIM"), ("User.site", "S", "import (bob)"),
        ] {
            let row = "\(field)</th><td>\(value)</td><td class=\"soft\">\(owner)</td>"
            #expect(page.contains(row), "\(field)")
        }
        #expect(page.contains(#"<td>C</td><td class="soft">import of cards</td>"#))
    }

    @Test("A trail that cannot be read leaves the rest of the page as it is, and says so")
    func trouble() async throws {
        let console = try TestConsole()
        console.backend.answer("GET /tenants/acme/scim/v2/Users/1", #"{"id":"1","userName":"ann"}"#)
        let page = try await console.signIn().get("/tenants/acme/users/1")
        #expect(page.status == 200 && page.text.contains("The story cannot be shown now"))
    }
}
