import Foundation
import Locking
import Testing

@Suite("kill -9", .ownThreads)
struct CrashTests {
    /// How often the server is killed; `scripts/crash-test` sets more.
    static let cycles = ProcessInfo.processInfo.environment["PHAROS_CRASH_CYCLES"].flatMap(Int.init) ?? 3
    private static let writers = 4
    /// What many kills leave behind is read faster than a client may ask.
    private static let unlimited = ["--http", "--audit-output", "stdout", "--requests-per-second", "0"]

    @Test(
        "Audit G1, G4: after kill -9 every acknowledged change is there, with one version of its record, check is clean and the chain is whole"
    )
    func nothingAcknowledgedIsLost() throws {
        try Scratch.use { folder in
            let data = folder.appending(path: "data")
            let setup = try ServingServer(data: data)
            var client = try setup.newTenant("acme")
            #expect(setup.server.stop() == 0)
            var titles: [String: String] = [:]
            var changes = 0
            for cycle in 0..<Self.cycles {
                let serving = try ServingServer(data: data, Self.unlimited)
                client.url = "\(serving.url)/acme/scim/v2"
                let acknowledged = writeUntilKilled(serving.server, client, cycle)
                for (id, title) in acknowledged.titles { titles[id] = title }
                changes += acknowledged.changes
            }
            #expect(changes > 0)

            let serving = try ServingServer(data: data, Self.unlimited)
            client.url = "\(serving.url)/acme/scim/v2"
            let connection = try PlainConnection(url: client.url)
            for (id, title) in titles {
                connection.send(client.text("GET", "/Users/\(id)", ""))
                let reply = try connection.receive()
                #expect(reply.status == 200)
                // The last write may have become durable without its answer having been seen.
                let found = reply.json["title"] as? String ?? ""
                #expect(Int(found) ?? 0 >= Int(title) ?? 0, "\(id): \(found) instead of \(title)")
            }
            #expect(try serving.server.run("check").status == 0)
            #expect(serving.server.stop() == 0)
            expectRecords(serving.server.auditEntries, of: titles)
            let trail = folder.appending(path: "trail")
            try serving.server.auditLines.joined(separator: "\n").write(
                to: trail,
                atomically: true,
                encoding: .utf8
            )
            let verified = try serving.server.run("audit", "verify", "--whole", trail.path)
            #expect(verified.status == 0, "\(verified.output)")
            // And a record less is found: the verification looks at what the server has written.
            let cut = serving.server.auditLines.dropFirst(7)
            try cut.joined(separator: "\n").write(to: trail, atomically: true, encoding: .utf8)
            #expect(try serving.server.run("audit", "verify", "--whole", trail.path).status == 1)
            print(
                "kill -9: \(Self.cycles) times, \(changes) acknowledged changes of \(titles.count) users, none lost"
            )
        }
    }

    private struct Acknowledged {
        var titles: [String: String] = [:]
        var changes = 0
    }

    /// Several clients create users and change their titles until the server is killed.
    private func writeUntilKilled(_ server: ServerUnderTest, _ client: Client, _ cycle: Int) -> Acknowledged {
        let acknowledged = Locked(Acknowledged())
        let threads = DispatchGroup()
        for writer in 0..<Self.writers {
            threads.enter()
            Thread.detachNewThread {
                defer { threads.leave() }
                try? Self.write(client, "c\(cycle)w\(writer)-\(UInt32.random(in: .min ... .max))") {
                    id,
                    title in
                    acknowledged.withLock {
                        $0.titles[id] = title
                        $0.changes += 1
                    }
                }
            }
        }
        usleep(.random(in: 150_000...500_000))
        server.kill9()
        threads.wait()
        return acknowledged.withLock { $0 }
    }

    private static func write(
        _ client: Client,
        _ name: String,
        _ acknowledge: (String, String) -> Void
    ) throws {
        let connection = try PlainConnection(url: client.url)
        for number in 0... {
            connection.send(client.text("POST", "/Users", try JSON.text(Client.user("\(name)-\(number)"))))
            let created = try connection.receive()
            guard created.status == 201 else { return }
            acknowledge(created.id, "0")
            for title in 1...4 {
                let body = Client.patchBody([["op": "replace", "path": "title", "value": "\(title)"]])
                connection.send(client.text("PATCH", "/Users/\(created.id)", try JSON.text(body)))
                guard try connection.receive().status == 200 else { return }
                acknowledge(created.id, "\(title)")
            }
        }
    }

    /// Every user has a record of its creation and of each acknowledged change; an entry that came twice is the same.
    private func expectRecords(_ entries: [[String: Any]], of titles: [String: String]) {
        var records: [String: Set<String>] = [:]
        var hashes: [String: String] = [:]
        for entry in entries {
            let sequence = "\(entry["SCIM_STREAM"] ?? "")/\(entry["SCIM_SEQ"] ?? "")"
            let time = entry["SCIM_TIME"] as? String ?? ""
            #expect(hashes[sequence] == nil || hashes[sequence] == time, "\(sequence) has two records")
            hashes[sequence] = time
            if let id = entry["SCIM_TARGET_ID"] as? String { records[id, default: []].insert(sequence) }
        }
        for (id, title) in titles {
            #expect(records[id]?.count ?? 0 >= 1 + (Int(title) ?? 0), "\(id) has too few records")
        }
    }
}
