import Audit
import Directory
import JSON
import Locking
import SCIM
import Service
import Storage
import StorageLMDB
import Tenancy

/// Reads a copy of the store for a command; where a server runs, on a thread of low priority.
final class StoreReading: BackupReading {
    private let backup: StoreBackup
    private let storeInfo: StoreInfo
    private let background: any BackgroundWork
    /// What the copy has in it; nil before all of its rows have been read.
    private let content = Locked<JSONObject?>(nil)

    /// Bytes of rows in one part.
    private static let partBytes = 4 << 20

    init(_ store: LMDBStore, _ background: any BackgroundWork) throws(StoreError) {
        storeInfo = try store.info()
        backup = try store.beginBackup()
        self.background = background
    }

    func next() async throws(StoreError) -> BackupPart {
        let result = await background.run(for: 0) { self.read() }
        guard let result else { throw .busy }
        return try result.get()
    }

    private func read() -> Result<BackupPart, StoreError> {
        do throws(StoreError) {
            let part = try backup.nextPart(bytesMax: Self.partBytes) { snapshot throws(StoreError) in
                let content = try StoreContent.json(snapshot)
                self.content.withLock { $0 = content }
            }
            let extent = backup.extent
            var head = JSONObject(uniqueMembers: [
                .init("rowCount", extent.rowCount), .init("rowCountExpected", extent.rowCountExpected),
            ])
            if part.isLast { head["summary"] = .object(summary(extent)) }
            return .success(BackupPart(rows: part.rows, log: part.log, isLast: part.isLast, head: head))
        } catch {
            return .failure(error)
        }
    }

    /// What the manifest says of the copy.
    private func summary(_ extent: StoreBackup.Extent) -> JSONObject {
        var summary = JSONObject(uniqueMembers: [
            .init(name: "store", value: .string(storeInfo.storeID.text)),
            .init("storeFormat", Int(storeInfo.formatVersion)),
            .init(
                name: "position",
                value: .object(
                    JSONObject(uniqueMembers: [
                        .init("record", Int(extent.lastNumber)), .init("checksum", Int(extent.lastChecksum)),
                    ])
                )
            ),
            .init(
                name: "time",
                value: .string(Timestamp(microseconds: extent.lastMicroseconds).microsecondText)
            ),
            .init("rows", extent.rowCount), .init("damagedRows", extent.damagedRowCount),
            .init("records", extent.recordCount),
        ])
        for member in content.withLock({ $0 ?? JSONObject() }).members { summary[member.name] = member.value }
        return summary
    }
}

/// What a store has in it, as far as a manifest tells.
enum StoreContent {
    /// Counts tenants and resources, and names the trail and the last record of each of its streams.
    static func json(_ snapshot: borrowing Snapshot) throws(StoreError) -> JSONObject {
        let incarnation = try Incarnation(snapshot)
        var tenants: [Tenant] = []
        try snapshot.scan(prefix: Keys.tenants, from: nil) { key, row, _ in
            let name = String(decoding: [UInt8](copying: key.extracting(droppingFirst: 1)), as: UTF8.self)
            if let tenant = Tenant(name: name, row: row) { tenants.append(tenant) }
            return .more
        }
        var resources: [String: Int] = [:]
        for tenant in tenants {
            // Of a tenant whose schemas are damaged nothing is counted.
            guard let kinds = try? ResourceKinds.of(tenant, snapshot) else { continue }
            for kind in kinds.all {
                let count: Int64 = try snapshot.counter(Keys.count(tenant.number, kind.code))
                resources[kind.type.name, default: 0] += Int(count)
            }
        }
        var heads: [JSONObject.Member] = []
        try snapshot.scan(prefix: LogKeys.heads, from: nil) { key, value, _ in
            if let stream = LogKeys.stream(fromKey: key), let head = StreamHead(value: value) {
                heads.append(.init(stream, Int(head.sequence)))
            }
            return .more
        }
        return JSONObject(uniqueMembers: [
            .init(name: "trail", value: .string(incarnation.current.journalText)),
            .init("incarnation", incarnation.ids.count), .init("tenants", tenants.count),
            .init(
                name: "resources",
                value: .object(
                    JSONObject(
                        uniqueMembers: resources.sorted { $0.key < $1.key }.map { .init($0.key, $0.value) }
                    )
                )
            ),
            .init(name: "heads", value: .object(JSONObject(uniqueMembers: heads))),
        ])
    }
}

extension JSONObject.Member {
    /// A whole number.
    init(_ name: String, _ value: Int) { self.init(name: name, value: .number(JSONNumber(value))) }
}
