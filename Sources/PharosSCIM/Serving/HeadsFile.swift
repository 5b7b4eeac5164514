import Audit
import JSON
import Reactor

/// Where the streams of the audit trail ended at the last checkpoint, for who verifies the trail: `DIR/audit-heads`; and at the last
/// one that was verified, `DIR/audit-verified`, which has a line more with that checkpoint's time.
///
/// ```
/// store 01935b20000070008000000000000003
/// key eLcoVyVLTM1gPXEJ4Wo0hcF3CqDsZ9lhVXlA4iRTxEE=
/// former 2dvDa74muipHB8MHsq9lAaUlvOwdr+6RBvbFeduHhDE=
/// _system=90:41aa…
/// acme=4711:9c2e…
/// old 01935b20000070008000000000000001
/// _system=57:0c1d…
/// ```
///
/// Behind the streams are those of the trails before a restore, the last one first, as they ended at their last checkpoints.
struct HeadsFile {
    let store: String
    /// Signs the store's checkpoints: 32 bytes.
    let publicKey: [UInt8]
    /// Those that have signed them before, the last one first.
    private(set) var formerKeys: [[UInt8]] = []
    /// Up to when the trail was verified, where that is what the file is about.
    let time: Timestamp?
    let heads: [Checkpoint.Head]
    /// What the store was called before it was put back, the last one first, and where its streams ended then.
    private(set) var formerTrails: [(store: String, heads: [Checkpoint.Head])] = []

    private static let bytesMax = 64 << 20
    /// More keys than anybody changes in the time for which a journal keeps records.
    private static let formerKeysMax = 16
    /// More restores than there are in that time.
    private static let formerTrailsMax = 4
    private static let mode: UInt32 = 0o600

    init(store: String, publicKey: [UInt8], time: Timestamp? = nil, heads: [Checkpoint.Head]) {
        self.time = time
        self.store = store
        self.publicKey = publicKey
        self.heads = heads
    }

    /// Reads a file; nil if it is not there.
    init?(path: String) throws {
        guard let bytes = try Host.readFile(path, bytesMax: Self.bytesMax) else { return nil }
        var lines = bytes.split(separator: UInt8(ascii: "\n")).map(Array.init)[...]
        func take(_ name: String) throws -> String {
            let line = lines.popFirst().map { String(decoding: $0, as: UTF8.self) } ?? ""
            guard line.hasPrefix(name) else {
                throw CommandFailure(.refused, "\(path) does not tell where streams end.")
            }
            return String(line.dropFirst(name.count))
        }
        store = try take("store ")
        publicKey = Base64.bytes(try take("key ")) ?? []
        while lines.first.map({ $0.starts(with: "former ".utf8) }) ?? false {
            formerKeys.append(Base64.bytes(try take("former ")) ?? [])
        }
        let hasTime = lines.first.map { $0.starts(with: "time ".utf8) } ?? false
        time = hasTime ? Timestamp(rfc3339: try take("time ")) : nil
        func takeHeads() throws -> [Checkpoint.Head] {
            var heads: [Checkpoint.Head] = []
            while let line = lines.first, !line.starts(with: "old ".utf8) {
                guard let head = Checkpoint.Head(text: line.span) else {
                    throw CommandFailure(.refused, "\(path) has a line that tells nothing.")
                }
                heads.append(head)
                lines.removeFirst()
            }
            return heads
        }
        heads = try takeHeads()
        while !lines.isEmpty { formerTrails.append((try take("old "), try takeHeads())) }
    }

    /// With the keys and the trails of an older file.
    func following(_ older: HeadsFile?) -> HeadsFile {
        guard let older else { return self }
        var file = self
        file.formerKeys = ([older.publicKey] + older.formerKeys).filter { $0 != publicKey && !$0.isEmpty }
        file.formerKeys.removeLast(max(0, file.formerKeys.count - Self.formerKeysMax))
        let former = older.store == store ? [] : [(store: older.store, heads: older.heads)]
        file.formerTrails = Array((former + older.formerTrails).prefix(Self.formerTrailsMax))
        return file
    }

    func write(to path: String) throws(HostError) {
        let text =
            "store \(store)\nkey \(Base64.text(publicKey))\n"
            + formerKeys.map { "former \(Base64.text($0))\n" }.joined()
            + (time.map { "time \($0.microsecondText)\n" } ?? "")
            + Self.text(heads) + formerTrails.map { "old \($0.store)\n\(Self.text($0.heads))" }.joined()
        try Host.replaceFile(path, with: Array(text.utf8), mode: Self.mode)
    }

    private static func text(_ heads: [Checkpoint.Head]) -> String { heads.map { "\($0.text)\n" }.joined() }
}
