import Storage

extension Administration {
    /// How many rows one purging commit removes, so that the writers of other tenants wait only a little.
    package static let rowsPerCommitMax = 500

    /// Removes what deleted tenants have left behind; safe to interrupt and to repeat.
    ///
    /// `progress`: told after each commit how many rows it removed, at most ``rowsPerCommitMax``.
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
        // Memberships on their own: a group has any number of them. None is added, as the tenant's row has gone.
        while true {
            let edges = try firstKeys(Self.edges(ofTenant: number), Self.rowsPerCommitMax / 2)
                .compactMap { EdgeKeys.edge(fromKey: $0.bytes.span) }
            guard !edges.isEmpty else { break }
            var changes = Changeset()
            changes.mutations = edges.map { .unlink($0) }
            _ = try await commit(changes)
            progress(2 * edges.count)
        }
        for prefix in [Keys.records(ofTenant: number)] + Keys.derivedRows(ofTenant: number) {
            while true {
                let keys = try firstKeys(prefix, Self.rowsPerCommitMax)
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

    /// The rows that lead from containers to members; each has a twin.
    private static func edges(ofTenant number: UInt32) -> Key {
        var prefix = EdgeKeys.edges
        prefix.bytes.appendBigEndian(number)
        return prefix
    }

    private func firstKeys(_ prefix: Key, _ limit: Int) throws(AdministrationError) -> [Key] {
        try reading { snapshot throws(DirectoryError) in
            var keys: [Key] = []
            try snapshot.rows(prefix: prefix, from: nil) { key, _, _ in
                keys.append(Key([UInt8](copying: key)))
                return keys.count < limit ? .more : .stop
            }
            return keys
        }
    }
}
