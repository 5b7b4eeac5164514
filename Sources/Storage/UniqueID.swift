/// A 128-bit identifier, written as a lower-case UUID (RFC 9562).
package struct UniqueID: Sendable, Hashable, Comparable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package static func < (left: UniqueID, right: UniqueID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

/// A directed edge of a space: the container holds the member. Its two rows are kept together by the engine.
package struct Edge: Sendable, Hashable {
    package let space: UInt32
    package let container: UniqueID
    package let member: UniqueID

    package init(space: UInt32, container: UniqueID, member: UniqueID) {
        self.space = space
        self.container = container
        self.member = member
    }
}
