package import Storage

extension Key {
    /// A user key made of a text, behind the first byte that users may take.
    package static func user(_ text: String) -> Key {
        Key([ReservedKeys.userFirstByteMin] + Array(text.utf8))
    }
}

extension UniqueID {
    /// A small id, for tests that need to tell a few apart.
    package static func test(_ number: UInt64) -> UniqueID { UniqueID(high: 0, low: number) }
}

extension Changeset {
    package init(when preconditions: [Precondition] = [], _ mutations: Mutation...) {
        self.init(when: preconditions, mutations)
    }
}

extension Store {
    /// The value of a row; nil if there is none.
    package func value(_ key: Key) throws(StoreError) -> [UInt8]? {
        try withSnapshot { snapshot throws(StoreError) in try snapshot.copy(key)?.value }
    }

    /// The version of a row; nil if there is none.
    package func version(_ key: Key) throws(StoreError) -> CommitVersion? {
        try withSnapshot { snapshot throws(StoreError) in try snapshot.read(key) { _, version in version } }
    }

    package func counter(_ key: Key) throws(StoreError) -> Int64 {
        try withSnapshot { snapshot throws(StoreError) in try snapshot.counter(key) }
    }

    /// The keys under a prefix, at most `limit`.
    package func keys(_ prefix: Key, from start: Key? = nil, limit: Int = .max) throws(StoreError) -> [Key] {
        try withSnapshot { snapshot throws(StoreError) in
            var keys: [Key] = []
            try snapshot.scan(prefix: prefix, from: start) { key, _, _ in
                guard keys.count < limit else { return .stop }
                keys.append(Key([UInt8](copying: key)))
                return .more
            }
            return keys
        }
    }

    /// The keys under a prefix in descending order, at most `limit`.
    package func keysBackward(
        _ prefix: Key,
        before end: Key? = nil,
        limit: Int = .max
    ) throws(StoreError) -> [Key] {
        try withSnapshot { snapshot throws(StoreError) in
            var keys: [Key] = []
            try snapshot.scanBackward(prefix: prefix, before: end) { key, _, _ in
                guard keys.count < limit else { return .stop }
                keys.append(Key([UInt8](copying: key)))
                return .more
            }
            return keys
        }
    }

    /// The members of a container, in order.
    package func members(of container: UniqueID, space: UInt32) throws(StoreError) -> [UniqueID] {
        try keys(EdgeKeys.members(of: container, space: space)).compactMap {
            EdgeKeys.member(fromKey: $0.bytes.span)
        }
    }

    /// The containers of a member, in order.
    package func containers(of member: UniqueID, space: UInt32) throws(StoreError) -> [UniqueID] {
        try keys(EdgeKeys.containers(of: member, space: space)).compactMap {
            EdgeKeys.container(fromKey: $0.bytes.span)
        }
    }

    /// The whole log, in order.
    package func logRows() throws(StoreError) -> [LogRow] {
        try withSnapshot { snapshot throws(StoreError) in
            var rows: [LogRow] = []
            try snapshot.scan(prefix: LogKeys.rows, from: nil) { key, value, version in
                if let row = LogRow(key: key, value: value, version: version) { rows.append(row) }
                return .more
            }
            return rows
        }
    }

    /// How many commits made the log's rows behind the first ones: each has a time of its own.
    package func commitCount(from rows: Int) throws(StoreError) -> Int {
        Set(try logRows().dropFirst(rows).map(\.timeMicroseconds)).count
    }

    /// What the checker finds, in slices that are small enough for a small store to have several.
    package func check() throws(StoreError) -> StoreChecker.Report {
        try StoreChecker.check(self, sliceRows: 3) { _ in }
    }
}

extension StagedStore {
    /// Commits what is staged to its base; nil if there is nothing to write.
    package func commitStaged(to base: any Store) async throws(StoreError) -> CommitReceipt? {
        guard let changeset else { return nil }
        return try await base.commit(changeset)
    }
}
