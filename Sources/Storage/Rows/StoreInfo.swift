/// What a store says of itself; written once, when it is created.
package struct StoreInfo: Sendable, Equatable {
    /// Made once, never changed: tells one store's log from another's.
    package let storeID: UniqueID
    package let formatVersion: UInt32

    /// The layout of keys and rows that this code reads and writes.
    package static let currentFormatVersion: UInt32 = 1

    init(storeID: UniqueID) {
        self.storeID = storeID
        self.formatVersion = StoreInfo.currentFormatVersion
    }

    init?(value: Span<UInt8>) {
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

    init?(value: Span<UInt8>) {
        guard value.count == 32 else { return nil }
        version = value.bigEndian64(at: 0)
        timeMicroseconds = Int64(bitPattern: value.bigEndian64(at: 8))
        order = value.bigEndian64(at: 16)
        trimmedThrough = value.bigEndian64(at: 24)
    }

    var value: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(32)
        bytes.appendBigEndian(version)
        bytes.appendBigEndian(timeMicroseconds)
        bytes.appendBigEndian(order)
        bytes.appendBigEndian(trimmedThrough)
        return bytes
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
