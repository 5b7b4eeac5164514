import Storage

extension Administration {
    /// How many rows one purging commit removes, so that the writers of other tenants wait only a little.
    private static let rowsPerCommitMax = 500

    /// Removes what deleted tenants have left behind; safe to interrupt and to repeat.
    ///
    /// `progress`: told after each commit how many rows it removed.
    package func purgeDeletedTenants(progress: (Int) -> Void) async throws(AdministrationError) {
        let numbers = try reading { snapshot throws(DirectoryError) in
            var numbers: [UInt32] = []
            try snapshot.rows(prefix: Keys.purges, from: nil) { key, _, _ in
                if key.count == Keys.purges.bytes.count + 4 {
                    numbers.append(key.bigEndian32(at: Keys.purges.bytes.count))
                }
                return .more
            }
            return numbers
        }
        for number in numbers { try await purge(number, progress: progress) }
    }

    private func purge(_ number: UInt32, progress: (Int) -> Void) async throws(AdministrationError) {
        while true {
            let keys = try firstKeys(Keys.records(ofTenant: number))
            guard !keys.isEmpty else { break }
            var changes = Changeset()
            for key in keys {
                changes.mutations.append(.delete(key))
                if let id = Keys.id(fromKey: key.bytes.span) {
                    changes.mutations.append(.unlinkMembers(space: number, container: id))
                }
            }
            _ = try await commit(changes)
            progress(keys.count)
        }
        for prefix in Keys.derivedRows(ofTenant: number) {
            while true {
                let keys = try firstKeys(prefix)
                guard !keys.isEmpty else { break }
                var changes = Changeset()
                changes.mutations = [.deletePrefix(prefix, limit: Self.rowsPerCommitMax)]
                _ = try await commit(changes)
                progress(keys.count)
            }
        }
        var changes = Changeset()
        changes.mutations = [.delete(Keys.purge(number))]
        _ = try await commit(changes)
    }

    private func firstKeys(_ prefix: Key) throws(AdministrationError) -> [Key] {
        try reading { snapshot throws(DirectoryError) in
            var keys: [Key] = []
            try snapshot.rows(prefix: prefix, from: nil) { key, _, _ in
                keys.append(Key([UInt8](copying: key)))
                return keys.count < Self.rowsPerCommitMax ? .more : .stop
            }
            return keys
        }
    }
}
