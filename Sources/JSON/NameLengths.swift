/// The lengths that some names have, so that most names which are not among them are told by a glance.
package struct NameLengths: Sendable {
    /// A bit for each length, of which long names share some.
    private var lengths: UInt64 = 0

    package init() {}

    package mutating func insert(_ name: String) { lengths |= Self.bit(name.utf8.count) }

    /// False if no name has so many bytes.
    package func mayContain(_ byteCount: Int) -> Bool { lengths & Self.bit(byteCount) != 0 }

    private static func bit(_ byteCount: Int) -> UInt64 { 1 &<< UInt64(truncatingIfNeeded: byteCount & 63) }
}

extension JSONObject {
    /// The lengths of the members' names.
    package var nameLengths: NameLengths {
        var lengths = NameLengths()
        for index in members.indices { lengths.insert(members[index].name) }
        return lengths
    }
}

/// Names that are looked for among others.
package struct NameSet: Sendable {
    private let names: Set<String>
    private var lengths = NameLengths()

    package init(_ names: some Sequence<String>) {
        self.names = Set(names)
        for name in self.names { lengths.insert(name) }
    }

    package func contains(_ name: String) -> Bool {
        lengths.mayContain(name.utf8.count) && names.contains(name)
    }
}
