import HTTP
import Locking
import Testing

@testable import Console

@Suite("The address that clients are given")
struct AddressCheckTests {
    /// Answers as the test says, and counts.
    private final class OneAnswer: HTTPClient {
        let answer: Result<ReceivedResponse, ExchangeError>
        let asked = Locked<[String]>([])

        init(_ answer: Result<ReceivedResponse, ExchangeError>) { self.answer = answer }

        func exchange(_ request: OutgoingRequest) throws(ExchangeError) -> ReceivedResponse {
            asked.withLock { $0.append(request.url.text) }
            return try answer.get()
        }
    }

    private static func response(_ type: String) -> Result<ReceivedResponse, ExchangeError> {
        .success(ReceivedResponse(.notFound, fields: Fields([(.contentType, type)])))
    }

    @Test("A certificate that has ended in front of the server is named on the Sync page, with what to do")
    func certificate() async throws {
        let error = ExchangeError.untrusted(host: "scim.example.com", reason: "certificate has expired")
        let client = OneAnswer(.failure(error))
        let console = try TestConsole(client: client)
        console.backend.answer("GET /tenants/acme/activity", "{}")
        let page = try await console.signIn().get("/tenants/acme/sync").text
        #expect(page.contains("certificate has expired") && page.contains("renew it where TLS ends"))
        #expect(client.asked.withLock { $0 } == ["https://scim.example.com/"])
    }

    @Test(
        "The server's own answer is fine, any other is not",
        arguments: [
            ("application/scim+json", ""), ("text/html", "Something else than the SCIM server answers"),
        ]
    )
    func answers(type: String, sentence: String) async throws {
        let client = OneAnswer(Self.response(type))
        let console = try TestConsole(client: client)
        let found = await console.handler.addressCheck.sentence(for: "https://scim.example.com/acme/scim/v2")
        #expect(sentence.isEmpty ? found.isEmpty : found.hasPrefix(sentence))
    }

    @Test("An address is asked once a minute, however many look at once, and an address without TLS never")
    func seldom() async throws {
        let client = OneAnswer(Self.response("application/scim+json"))
        let console = try TestConsole(client: client)
        let check = console.handler.addressCheck
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask { _ = await check.sentence(for: "https://scim.example.com/acme/scim/v2") }
            }
        }
        #expect(client.asked.withLock { $0.count } == 1)
        console.advance(minutes: 2)
        _ = await check.sentence(for: "https://scim.example.com/acme/scim/v2")
        while client.asked.withLock({ $0.count }) < 2 { await Task.yield() }
        #expect(await check.sentence(for: "http://127.0.0.1:8443/acme/scim/v2").isEmpty)
        #expect(client.asked.withLock { $0.count } == 2)
    }
}
