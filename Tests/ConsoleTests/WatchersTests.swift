import Testing

@testable import Console

@Suite("Pages that follow along")
struct WatchersTests {
    @Test("A console that stops answers them without another look, and lets nobody wait any more")
    func stop() async throws {
        let console = try TestConsole()
        console.backend.answer("GET /tenants/acme/activity?after=7", #"{"lastSequence":7}"#)
        let browser = console.signIn()
        async let waiting = browser.get("/tenants/acme/sync/events?after=7")
        while console.backend.commands.isEmpty { await Task.yield() }
        let looks = console.backend.commands.count
        console.handler.stop()
        #expect(try await waiting.status == 200)
        #expect(
            try await browser.get("/tenants/acme/sync/events?after=7").text
                == "retry: 1000\nid: 7\nevent: news\ndata: {}\n\n"
        )
        // That of the second request, and one that the first may have been at.
        #expect(console.backend.commands.count <= looks + 2)
    }

    @Test("Beyond so many, a browser is to ask again later")
    func bound() {
        let watchers = Watchers(max: 2)
        #expect(watchers.begin() && watchers.begin() && !watchers.begin())
        watchers.end()
        #expect(watchers.begin() && !watchers.begin())
    }
}
