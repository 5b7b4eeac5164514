import Testing

@Suite("Clients' conversations")
struct FlowTests {
    @Test(
        "RFC 7644's examples and clients' recorded habits: each fixture's claim names what it holds",
        arguments: FlowFile.all
    )
    func flow(file: FlowFile) async throws {
        let flow = try Flow(file)
        #expect(!flow.claim.isEmpty)
        var runner = try await FlowRunner(flow)
        try await runner.run()
    }

    @Test("The fixtures are found")
    func found() {
        #expect(FlowFile.all.count >= 30)
    }
}
