import JSON
import Reactor
import Storage
import StorageLMDB

/// Makes a store of a backup, and puts it in its place.
///
/// ```
/// rows, log ─► DIR/store.new ─► records of a log up to a time ─► new trail ─► DIR/store
/// ```
struct RestoredStore {
    /// What became of it.
    struct Outcome {
        /// When the last change was made that the store has.
        let time: Timestamp
        /// Records of the log beyond the backup's own.
        let followedCount: Int
        /// When the first change was made that it has not; nil if there is none in the log.
        let nextTime: Timestamp?
        /// `SCIM_STORE` before and from now on.
        let trail: (old: String, new: String)
        /// Where the former store is; nil if there was none.
        let former: String?
        let damagedRowCount: Int
    }

    let manifest: BackupManifest
    /// The folder of the backup.
    let backup: String
    let folder: DataFolder

    /// What of a log is added to a backup.
    struct Following {
        let logFolder: String
        let time: Timestamp
    }

    /// Makes the store and puts it in its place.
    ///
    /// - Parameters:
    ///   - following: a log whose changes are added; nil for the backup alone.
    ///   - progress: told of what is done, in a few words.
    /// - Returns: what became of it.
    /// - Throws: ``CommandFailure``; the data folder is as it was then.
    func make(_ following: Following?, progress: @escaping (String) -> Void) async throws -> Outcome {
        let new = folder.newStorePath
        try folder.requireOwner()
        try folder.make()
        guard try failing({ () throws(StoreError) in try StoreReplacement.removeUnfinished(new) }) else {
            throw CommandFailure(
                .refused,
                "\(new) holds a whole store, which a restore has left that was interrupted at its end: move it away."
            )
        }
        let filled: Filled
        do {
            filled = try fill(new, following, progress)
            let trail = try await beginTrail(new)
            let former = folder.formerStorePath(at: .now)
            let isReplaced = Host.exists(folder.storePath)
            try failing { () throws(StoreError) in
                try StoreReplacement.put(new, at: folder.storePath, keepingOldAs: former)
            }
            return Outcome(
                time: Timestamp(microseconds: filled.microseconds),
                followedCount: filled.followedCount,
                nextTime: filled.next.map { Timestamp(microseconds: $0) },
                trail: trail,
                former: isReplaced ? former : nil,
                damagedRowCount: filled.damagedRowCount
            )
        } catch {
            _ = try? StoreReplacement.removeUnfinished(new)
            throw error
        }
    }

    private struct Filled {
        let microseconds: Int64
        let followedCount: Int
        let next: Int64?
        let damagedRowCount: Int
    }

    /// Makes the store in a folder of its own, and closes it.
    private func fill(
        _ path: String,
        _ following: Following?,
        _ progress: (String) -> Void
    ) throws -> Filled {
        let store = try failing { () throws(StoreError) in try StoreRestore(path: path) }
        try addAll(BackupFolder.rows) { bytes throws(StoreError) in
            progress("restoring: \(store.rowCount) of \(manifest.rowCount) rows")
            return try store.addRows(bytes)
        }
        try addAll(BackupFolder.log) { bytes throws(StoreError) in
            progress("restoring: \(store.recordCount) of \(manifest.recordCount) records of the log")
            return try store.addRecords(bytes)
        }
        guard store.rowCount == manifest.rowCount, store.recordCount == manifest.recordCount else {
            throw CommandFailure(.refused, "The backup does not have as many rows as its manifest says.")
        }
        var next: Int64?
        if let following {
            guard following.time.microseconds >= store.lastMicroseconds else {
                throw CommandFailure(
                    .refused,
                    "The backup has changes up to \(manifest.time), which is later than that: take an earlier one."
                )
            }
            guard Host.exists(following.logFolder) else {
                throw CommandFailure(.notThere, "There is no log in \(following.logFolder).")
            }
            do throws(StoreError) {
                next = try store.follow(
                    logFolder: following.logFolder,
                    through: following.time.microseconds
                ) { time in
                    if store.recordCount % 1_000 == 0 {
                        progress("restoring: changes up to \(Timestamp(microseconds: time).text)")
                    }
                }
            } catch .corrupt(let clause) {
                throw CommandFailure(
                    .refused,
                    "The log in \(following.logFolder) does not lead from the backup to that time: \(clause)."
                )
            }
        }
        progress("restoring: writing to disk")
        try failing { () throws(StoreError) in try store.finish() }
        return Filled(
            microseconds: store.lastMicroseconds,
            followedCount: store.recordCount - manifest.recordCount,
            next: next,
            damagedRowCount: store.damagedRowCount
        )
    }

    /// Gives a file of the backup to a body, which says how much of it it has taken.
    private func addAll(_ name: String, _ add: ([UInt8]) throws(StoreError) -> Int) throws {
        let path = "\(backup)/\(name)"
        var rest: [UInt8] = []
        try BackupFolder.readParts(of: path) { bytes in
            let all = rest.isEmpty ? bytes : rest + bytes
            let count = try failing { () throws(StoreError) in try add(all) }
            rest = Array(all[count...])
        }
        guard rest.isEmpty else { throw CommandFailure(.refused, "\(path) is not whole.") }
    }

    /// Opens the new store as a server does, and begins its trail.
    private func beginTrail(_ path: String) async throws -> (old: String, new: String) {
        let store = try LMDBStore.open(in: folder, at: path)
        defer { store.close() }
        return try await store.beginTrail()
    }

    private func failing<R>(_ body: () throws(StoreError) -> R) throws -> R {
        do throws(StoreError) { return try body() } catch .full {
            throw CommandFailure(.failed, "There is no room for the store in \(folder.path).")
        } catch {
            throw CommandFailure(.failed, "The store could not be restored: \(error).")
        }
    }
}

extension Timestamp {
    fileprivate static var now: Timestamp { Timestamp(microseconds: Host.microsecondsSince1970()) }
}
