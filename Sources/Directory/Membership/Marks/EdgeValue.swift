import Storage

/// What the two rows of an edge say: the member's kind, and whether a change that does not fit into one commit marks it.
///
/// ```
/// joins 1 | leaves 1 | the member's kind 6
/// ```
package struct EdgeValue: Equatable {
    package let byte: UInt8

    private static let joins: UInt8 = 0x80
    private static let leaves: UInt8 = 0x40

    package init(_ byte: UInt8) { self.byte = byte }

    /// An edge that becomes a membership with the change of its set.
    static func joining(_ kind: UInt8) -> EdgeValue {
        precondition(kind & (joins | leaves) == 0, "only types of RFC 7643 can be members")
        return EdgeValue(kind | joins)
    }

    /// An edge that is a membership until the change of its set.
    static func leaving(_ kind: UInt8) -> EdgeValue {
        precondition(kind & (joins | leaves) == 0, "only types of RFC 7643 can be members")
        return EdgeValue(kind | leaves)
    }

    /// The code of the member's kind.
    package var kind: UInt8 { byte & ~(Self.joins | Self.leaves) }

    /// The same mark for a member of another kind.
    package func with(kind: UInt8) -> EdgeValue { EdgeValue(byte & (Self.joins | Self.leaves) | kind) }

    package var isMarked: Bool { byte & (Self.joins | Self.leaves) != 0 }

    /// Whether the edge is a membership, given whether the change of its set has been made.
    package func isMembership(_ isMade: Bool) -> Bool {
        if byte & Self.joins != 0 { return isMade }
        if byte & Self.leaves != 0 { return !isMade }
        return true
    }
}
