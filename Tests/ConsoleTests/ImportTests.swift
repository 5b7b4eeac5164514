import HTTP
import JSON
import Locking
import Testing

@testable import Console

@Suite("Imports in the console")
struct ImportTests {
    private static let path = "POST /tenants/acme/import/users"
    private static let created = "2026-01-01T00:00:00Z"
    private static let ann = Person(id: "ann@example.com", name: "Ann")

    /// An import of three lines whose run a test drives.
    private struct Case {
        let store: ImportStore
        let backend = TestBackend()
        let run: ImportRun

        init(_ content: String = "userName\nann\nbob\ncleo\n", kind: ImportFile.Kind = .users) throws {
            store = ImportStore(now: { 0 })
            let own = ImportTests.uploaded("1", content, kind)
            try store.add(own)
            var run = ImportRun(
                store: store,
                turns: ImportTurns(),
                tables: TestTables(),
                backend: backend,
                background: ImmediateWork(),
                id: own.id,
                tenant: own.tenant,
                person: ImportTests.ann
            )
            run.retryInterval = .zero
            self.run = run
            backend.answer(
                ImportTests.path,
                #"{"created":1,"updated":0,"unchanged":0,"createdLines":[2],"refused":[{"line":3,"column":"userName","reason":"No."}]}"#
            )
        }

        var own: Import? { store.find("1") }
    }

    private static func uploaded(
        _ id: String,
        _ content: String,
        _ kind: ImportFile.Kind = .users,
        tenant: String = "acme",
        began: Int64 = 0
    ) -> Import {
        let file = ImportFile(
            kind: kind,
            separator: .comma,
            replaces: false,
            name: "people.csv",
            content: Array(content.utf8)
        )
        return Import(
            id: id,
            tenant: tenant,
            kind: kind,
            fileName: file.name,
            separator: .comma,
            tenantCreated: created,
            replaces: false,
            person: ann,
            formNumber: id,
            began: began,
            file: file
        )
    }

    @Test("A preview changes nothing, and an import is carried out for the person who confirmed it")
    func previewAndImport() async throws {
        let one = try Case()
        await one.run.check()
        #expect(one.own?.stage == .checked && one.own?.file != nil)
        // One without lines is for the head.
        #expect(one.backend.commands.count == 3)
        #expect(one.backend.commands.allSatisfy { $0.body?.flag("dryRun") == true })
        #expect(one.store.move("1", from: .checked, to: .importing))
        await one.run.carryOut(evenThoughConnected: false)
        let own = try #require(one.own)
        #expect(own.stage == .done && own.file == nil)
        #expect(own.tally.lines == 3 && own.tally.created == 2 && own.tally.refused == 2)
        #expect(own.tally.createdLines.first == .init(line: 2, name: "ann"))
        #expect(own.tally.refusals.first?.cells == ["bob"])
        let commands = one.backend.commands.dropFirst(3)
        #expect(commands.map { $0.body?.flag("first") ?? false } == [true, false, false])
        #expect(commands.allSatisfy { $0.body?.text("tenantCreated") == Self.created })
        #expect(commands.allSatisfy { $0.body?.flag("dryRun") == false && $0.person == "ann@example.com" })
        // The server decides once more whether the provider keeps the users.
        #expect(commands.allSatisfy { $0.body?.flag("evenThoughScimIsConnected") == false })
    }

    @Test("A server that is away for a while is asked again, and the page tells that lines were sent twice")
    func silence() async throws {
        let one = try Case()
        await one.run.check()
        #expect(one.store.move("1", from: .checked, to: .importing))
        one.backend.beSilent(times: 3)
        await one.run.carryOut(evenThoughConnected: false)
        #expect(one.own?.stage == .done && one.own?.linesSentAgain == 0 && one.own?.tally.lines == 3)
    }

    @Test("An import that somebody stops ends before its next batch, and one that was not confirmed is gone")
    func stopped() async throws {
        let one = try Case()
        one.store.discard("1")
        await one.run.check()
        #expect(one.own == nil && one.backend.commands.isEmpty)
        let other = try Case()
        await other.run.check()
        #expect(other.store.move("1", from: .checked, to: .importing))
        other.store.discard("1")
        await other.run.carryOut(evenThoughConnected: false)
        #expect(other.own?.stage == .stopped("Somebody has stopped it.") && other.own?.file == nil)
        #expect(other.backend.commands.allSatisfy { $0.body?.flag("dryRun") == true })
        // Another tenant of the same name has no part in it.
        #expect(other.store.find("1", of: "acme", other.own?.tenantCreated ?? "") != nil)
        #expect(other.store.find("1", of: "acme", "2026-11-29T00:00:00Z") == nil)
        #expect(other.store.all(of: "acme", "2026-11-29T00:00:00Z").isEmpty)
    }

    @Test("A server that stays away ends the import, and what came before it counts")
    func end() async throws {
        let one = try Case()
        one.backend.beSilent(times: ImportRun.retriesMax + 1)
        await one.run.check()
        #expect(one.own?.stage == .unusable("\(ConsoleFault.unreachable)"))
        let other = try Case()
        await other.run.check()
        #expect(other.store.move("1", from: .checked, to: .importing))
        other.backend.beSilent(times: ImportRun.retriesMax + 1)
        await other.run.carryOut(evenThoughConnected: false)
        #expect(other.own?.stage == .stopped("\(ConsoleFault.unreachable)") && other.own?.tally.lines == 0)
    }

    @Test(
        "A file that is no table, and one without lines, cannot be imported",
        arguments: ["bad\n1\n", "userName\n"]
    )
    func unusable(content: String) async throws {
        let one = try Case(content)
        await one.run.check()
        guard case .unusable = one.own?.stage else { return #expect(Bool(false), "\(content)") }
        #expect(one.own?.file == nil && one.backend.commands.isEmpty)
        #expect(!one.store.move("1", from: .checked, to: .importing))
    }

    @Test("An import is carried out once, and one at a time for each tenant")
    func once() throws {
        let store = ImportStore(now: { 0 })
        for (id, tenant) in [("1", "acme"), ("2", "acme"), ("3", "other")] {
            try store.add(Self.uploaded(id, "userName\n", tenant: tenant))
            #expect(store.move(id, from: .checking, to: .checked))
        }
        #expect(store.move("1", from: .checked, to: .importing))
        #expect(!store.move("1", from: .checked, to: .importing))
        #expect(!store.move("2", from: .checked, to: .importing))
        #expect(store.move("3", from: .checked, to: .importing))
        #expect(store.find("3", of: "acme", Self.created) == nil)
    }

    @Test("What waits has bounds: by tenant, by bytes and by time, and what is under way is never thrown out")
    func bounds() throws {
        let clock = Locked<Int64>(0)
        let store = ImportStore(now: { clock.withLock { $0 } })
        for number in 0..<ImportStore.tenantImportsMax {
            try store.add(Self.uploaded("\(number)", "", began: Int64(number)))
        }
        #expect(throws: ConsoleFault.self) { try store.add(Self.uploaded("more", "")) }
        #expect(store.move("3", from: .checking, to: .checked))
        try store.add(Self.uploaded("more", "", began: 9))
        #expect(store.find("3") == nil && store.all(of: "acme", Self.created).first?.id == "more")
        let large = String(repeating: "x", count: ImportStore.fileBytesMax)
        let shares = ImportStore.tenantBytesMax / ImportStore.fileBytesMax
        for number in 0..<ImportStore.bytesMax / ImportStore.fileBytesMax {
            try store.add(Self.uploaded("l\(number)", large, tenant: "t\(number / shares)"))
        }
        #expect(throws: ConsoleFault.self) { try store.add(Self.uploaded("l", large, tenant: "t0")) }
        #expect(throws: ConsoleFault.self) { try store.add(Self.uploaded("l", large, tenant: "last")) }
        // Nobody looks at it any more: it makes room for a tenant that has less.
        #expect(store.move("l0", from: .checking, to: .checked))
        try store.add(Self.uploaded("l", large, tenant: "last"))
        guard case .unusable = store.find("l0")?.stage else { return #expect(Bool(false)) }
        #expect(store.find("l0")?.file == nil && store.find("l1")?.file != nil)
        #expect(store.move("more", from: .checking, to: .done))
        clock.withLock { $0 = ImportStore.ageMax + 9 }
        #expect(store.find("more", of: "acme", Self.created) == nil && store.find("0") != nil)
    }

    /// Which tenants had turns, and how many at a time.
    private final class TurnLog: Sendable {
        let taken = Locked<[String]>([])
        let running = Locked<(now: Int, most: Int)>((0, 0))

        func take(_ tenant: String, of turns: ImportTurns) async throws {
            try await turns.hold(tenant) { () throws(ImportFault) in
                taken.withLock { $0.append(tenant) }
                running.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
                for _ in 0..<20 { await Task.yield() }
                running.withLock { $0.now -= 1 }
            }
        }
    }

    @Test("Two batches go out at a time, one of each tenant, and who had a turn lets others pass")
    func turns() async throws {
        let (turns, log) = (ImportTurns(), TurnLog())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for tenant in Array(repeating: "large", count: 6) + ["small", "other"] {
                group.addTask { for _ in 0..<5 { try await log.take(tenant, of: turns) } }
            }
            try await group.waitForAll()
        }
        #expect(log.running.withLock { $0.most } <= ImportTurns.runningMax)
        let order = log.taken.withLock { $0 }
        // The six files of the large tenant take turns as one: the others are done long before them.
        let last = try #require(order.lastIndex { $0 != "large" })
        #expect(order.count == 40 && order[...last].count { $0 == "large" } < 15)
    }

    @Test("Refused lines are bounded, and a spreadsheet takes none of their cells for a formula")
    func refusedLines() {
        var tally = ImportTally()
        let count = ImportTally.refusalsMax + 5
        tally.add(
            ImportLines(
                lines: [],
                refusals: (1...count).map { .init(line: $0, reason: "=1+1", cells: ["=2", "x;y"]) }
            ),
            JSONObject(),
            userColumns: []
        )
        #expect(tally.refused == count && tally.refusals.count == ImportTally.refusalsMax)
        let file = String(decoding: RefusedLines.file(tally, columns: ["a\"b"], .semicolon), as: UTF8.self)
        #expect(file.hasPrefix("line;column;reason;\"a\"\"b\"\r\n1;;'=1+1;'=2;\"x;y\"\r\n"))
        #expect(file.hasSuffix(";;5 more lines were refused.\r\n"))
        #expect(["'=2", "'x", "=2", "''=2"].map(RefusedLines.original) == ["=2", "'x", "=2", "'=2"])
        for text in ["=1", "+1", "-1", "@A", "\tx", "\rx", "\r\nx"] {
            #expect(RefusedLines.cell(text).drop { $0 == "\"" }.hasPrefix("'"), "\(text)")
        }
        #expect(RefusedLines.cell("a=1") == "a=1" && RefusedLines.cell("a,b\n") == "\"a,b\n\"")
    }

    @Test("Pages of imports: what is uploaded is seen, sent twice it is one upload, and readers are kept out")
    func pages() async throws {
        let console = try TestConsole()
        console.backend.answer(
            Self.path,
            #"{"created":1,"updated":0,"unchanged":0,"createdLines":[2],"refused":[]}"#
        )
        let browser = console.signIn(.administrator)
        let form = Browser.form(of: try await browser.get("/tenants/acme/import").text)
        let parts = form.sorted { $0.key < $1.key } + [("kind", "users"), ("separator", "comma")]
        let body =
            parts.map { "--x\r\nContent-Disposition: form-data; name=\"\($0.0)\"\r\n\r\n\($0.1)\r\n" }
            .joined()
            + "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"<b>.csv\"\r\n\r\nuserName\nann\n\r\n--x--\r\n"
        let places = try await [1, 2].asyncMap { _ in
            try await browser.upload("/tenants/acme/import", body, boundary: "x").response[.location]
        }
        let place = try #require(places[0])
        #expect(places[1] == place && console.handler.imports.all(of: "acme", "").count == 1)
        while console.handler.imports.all(of: "acme", "").first?.stage == .checking { await Task.yield() }
        let page = try await browser.get(place).text
        #expect(page.contains("&lt;b&gt;.csv") && page.contains("line 2: <bdi>ann</bdi>"))
        #expect(try await console.signIn(.reader).get(place).status == 403)
        #expect(try await console.signIn(.owner, .tenant("other")).get(place).status == 404)
        let confirmation = Browser.form(of: page)
        for _ in 0..<2 { #expect(try await browser.post("\(place)/confirm", confirmation).status == 303) }
        while console.handler.imports.all(of: "acme", "").first?.stage.isUnderWay == true {
            await Task.yield()
        }
        #expect(console.backend.changes.count { $0.body?.flag("dryRun") == false } == 2)
    }
}

extension Sequence {
    fileprivate func asyncMap<T>(_ transform: (Element) async throws -> T) async rethrows -> [T] {
        var all: [T] = []
        for element in self { all.append(try await transform(element)) }
        return all
    }
}
