import JSON
import Testing

@testable import Console

@Suite("How far a tenant is")
struct FirstContactTests {
    private static func object(_ text: String) throws -> JSONObject {
        guard case .object(let object) = try JSONValue(parsing: Array(text.utf8)) else {
            throw ConsoleFault.unreachable
        }
        return object
    }

    private static func contact(
        _ exchanges: String,
        _ hours: String = "",
        hasToken: Bool = true
    ) throws -> FirstContact {
        let text = #"{"exchanges":[\#(exchanges)],"hours":[{\#(hours)}]}"#
        return FirstContact(
            try object(text),
            hasToken: hasToken,
            now: 1_795_000_000_000_000
        )
    }

    private static func exchange(_ status: Int, _ route: String = "Users", at second: Int = 10) -> String {
        #"{"status":\#(status),"method":"GET","route":"\#(route)","time":"2026-11-18T10:00:\#(second)Z"}"#
    }

    @Test(
        "The newest request decides, and what was refused is told with what to do",
        arguments: [
            (exchange(401), true, "token"), (exchange(404, "doubledBase"), true, "paste it as it is"),
            (exchange(404, "missingBase"), true, "Paste the whole Tenant URL"),
            (exchange(404, "unknown"), true, "Compare the address"), (exchange(403), true, "refused"),
            (exchange(404), false, "Nothing more"), (exchange(409), false, "nothing more"),
            (exchange(401) + "," + exchange(200, at: 20), false, "nothing more"),
            (exchange(200) + "," + exchange(401, at: 20), true, "token"),
        ]
    )
    func newest(exchanges: String, isRefused: Bool, text: String) throws {
        let contact = try Self.contact(exchanges, #""created":3,"membershipChanges":2"#)
        #expect(contact.isRefused == isRefused)
        #expect(contact.text.lowercased().contains(text.lowercased()), "\(contact.text)")
    }

    @Test("Who has not called yet is told what to begin with")
    func beginning() throws {
        #expect(try Self.contact("").text.contains("Test API Credentials"))
        #expect(try Self.contact("", hasToken: false).text.contains("Generate one"))
        #expect(try Self.contact(Self.exchange(200)).text.contains("enable Create Users"))
        #expect(try Self.contact(Self.exchange(200), #""created":3"#).text.contains("push groups"))
    }

    @Test("Without a good token nobody is called by the name that they give")
    func names() throws {
        func sentence(_ members: String) throws -> String {
            let text =
                #"{"status":401,"client":"okta","reason":"unknown","time":"2026-11-18T10:00:00Z"\#(members)}"#
            return ExchangeSentence(try Self.object(text), now: 0)
                .text
        }
        #expect(try sentence("").hasPrefix("Somebody who calls itself Okta sent"))
        #expect(try sentence(#","token":"aaaaaaaaaaaa""#).hasPrefix("Okta sent"))
    }
}
