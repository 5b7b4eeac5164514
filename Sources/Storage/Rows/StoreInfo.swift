/// What a store says of itself; written once, when it is created.
package struct StoreInfo: Sendable, Equatable {
    /// Made once, never changed: tells one store's log from another's.
    package let storeID: UniqueID
    package let formatVersion: UInt32

    /// The layout of keys and rows that this code writes.
    ///
    /// A format in which older rows keep their meaning, as 2 does, only raises the number when a store is opened. One in which they
    /// do not is reached in slices before anything is served, or by an export from the older program and an import; the program
    /// says which.
    ///
    /// - 1: the first.
    /// - 2: memberships lie in sets, which a group's record names unless the set has the group's own id.
    /// - 3: the latest changes are in a log beside the data file.
    /// - 4: the rows that follow from records are other ones, which are rebuilt before anything is served.
    /// - 5: edges of a set may be marked by a change that is being made.
    package static let currentFormatVersion: UInt32 = 5
    /// The oldest format that this code reads, and upgrades to the current one.
    package static let oldestFormatVersion: UInt32 = 1
    /// The first version of the program that reads the current format: what an older one says when it is asked to.
    package static let firstReader = "0.2.0"

    init(storeID: UniqueID, formatVersion: UInt32 = StoreInfo.currentFormatVersion) {
        self.storeID = storeID
        self.formatVersion = formatVersion
    }

    package init?(value: Span<UInt8>) {
        guard value.count == 20, let storeID = UniqueID(bytes: value, at: 4) else { return nil }
        self.formatVersion = value.bigEndian32(at: 0)
        self.storeID = storeID
    }

    var value: [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(formatVersion)
        storeID.append(bytesTo: &bytes)
        return bytes
    }
}

/// A store that has been opened.
package struct OpenedStore: Sendable, Equatable {
    /// The numbers to give to the first applier.
    package let state: StoreState
    /// The format that it had before; nil if that was the current one.
    package var upgradedFrom: UInt32?
}

/// The store's running numbers, one row, rewritten once per batch of commits.
package struct StoreState: Sendable, Equatable {
    /// The last commit's number; 0 in a new store.
    package internal(set) var version: UInt64 = 0
    /// The last commit's time in microseconds since 1970; the next one's is greater, whatever the clock says.
    package internal(set) var timeMicroseconds: Int64 = 0
    /// The last log row's order.
    package internal(set) var order: UInt64 = 0
    /// Log rows up to this order were trimmed.
    package internal(set) var trimmedThrough: UInt64 = 0

    init() {}

    package init?(value: Span<UInt8>) {
        guard value.count == 32 else { return nil }
        version = value.bigEndian64(at: 0)
        timeMicroseconds = Int64(bitPattern: value.bigEndian64(at: 8))
        order = value.bigEndian64(at: 16)
        trimmedThrough = value.bigEndian64(at: 24)
    }

    var value: [UInt8] {
        [UInt8](room: 32) { free in
            free.appendBigEndian(version)
            free.appendBigEndian(timeMicroseconds)
            free.appendBigEndian(order)
            free.appendBigEndian(trimmedThrough)
        }
    }
}

extension StoreSnapshot where Self: ~Copyable {
    /// Reads what the store says of itself.
    package func info() throws(StoreError) -> StoreInfo {
        guard let info = try read(ReservedKeys.info, { value, _ in StoreInfo(value: value) }) ?? nil else {
            throw .corrupt("the store's info row is missing or malformed")
        }
        return info
    }

    /// Reads the store's running numbers as of this snapshot.
    package func state() throws(StoreError) -> StoreState {
        guard let state = try read(ReservedKeys.state, { value, _ in StoreState(value: value) }) ?? nil else {
            throw .corrupt("the store's state row is missing or malformed")
        }
        return state
    }
}

extension Store {
    /// Reads what the store says of itself.
    package func info() throws(StoreError) -> StoreInfo {
        try withSnapshot { snapshot throws(StoreError) in try snapshot.info() }
    }
}
