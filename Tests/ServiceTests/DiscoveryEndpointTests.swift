import HTTP
import JSON
import SCIM
import Storage
import TestSupport
import Testing

@Suite("Discovery over the pipeline")
struct DiscoveryEndpointTests {
    @Test(
        "D-05: query parameters are ignored, whatever they say, but for a filter",
        arguments: ["/ServiceProviderConfig", "/Schemas", "/ResourceTypes", "/Schemas/\(Schema.user.id)"]
    )
    func parameters(path: String) async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        let plain = try await client.send(.get, path)
        #expect(plain.status == 200)
        let answer = try await client.send(
            .get,
            "\(path)?startIndex=x&count=-5&attributes=id&excludedAttributes=id"
        )
        #expect(answer.status == 200)
        #expect(answer.json == plain.json)
        #expect(try await client.send(.get, "\(path)?filter=id%20pr").status == 403)
    }

    @Test(
        "D-04: single documents are found by URN in any case, and by name; others are 404",
        arguments: [
            ("/Schemas/\(Schema.group.id.uppercased())", 200), ("/Schemas/urn:example:none", 404),
            ("/ResourceTypes/User", 200), ("/ResourceTypes/Printer", 404),
        ]
    )
    func single(path: String, status: Int) async throws {
        let client = try await TestService(store: MemoryStore(clock: { 1 })).client()
        #expect(try await client.send(.get, path).status == status)
    }
}
