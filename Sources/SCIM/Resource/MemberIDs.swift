import JSON

/// The ids that a request gives as a group's members, behind one another in one buffer.
///
/// In the order of the request; one that the request names twice is there twice. Bounded by the request's body.
package struct MemberIDs: Sendable, Equatable {
    private var bytes: [UInt8] = []
    /// Where each id ends in ``bytes``, which are fewer than those of a JSON text.
    private var ends: [UInt32] = []

    package init() {}

    package init(_ texts: some Sequence<String>) {
        for text in texts { append(text) }
    }

    package var count: Int { ends.count }

    package var isEmpty: Bool { ends.isEmpty }

    package mutating func append(_ text: String) { append(text.utf8.span) }

    package mutating func append(_ utf8: Span<UInt8>) {
        utf8.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
        ends.append(UInt32(bytes.count))
    }

    /// Makes room for ids of the usual length, that of a UUID.
    mutating func reserveCapacity(_ count: Int) {
        bytes.reserveCapacity(count * Self.usualByteCount)
        ends.reserveCapacity(count)
    }

    private static let usualByteCount = 36

    /// Lends the UTF-8 of an id.
    package func withUTF8<Result>(at index: Int, _ body: (Span<UInt8>) -> Result) -> Result {
        let start = index == 0 ? 0 : Int(ends[index - 1])
        return body(bytes.span.extracting(start..<Int(ends[index])))
    }

    /// The ids as texts, each made when its turn comes.
    package var texts: some Sequence<String> {
        ends.indices.lazy.map { index in
            withUTF8(at: index) { utf8 in
                utf8.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
            }
        }
    }

    /// The ids of both, one behind the other.
    static func + (left: MemberIDs, right: MemberIDs) -> MemberIDs {
        var all = left
        for index in 0..<right.count { right.withUTF8(at: index) { all.append($0) } }
        return all
    }

    /// The ids that others do not name.
    func subtracting(_ others: MemberIDs) -> MemberIDs {
        let named = others.names
        return MemberIDs(texts.filter { !named.contains(Self.name($0)) })
    }

    /// The ids that others name too.
    func intersection(_ others: MemberIDs) -> MemberIDs {
        let named = others.names
        return MemberIDs(texts.filter { named.contains(Self.name($0)) })
    }

    /// The ids as they are compared: bytes, of which letters have no case in a UUID.
    private var names: Set<[UInt8]> { Set(texts.lazy.map(Self.name)) }

    private static func name(_ text: String) -> [UInt8] { Array(text.lowercased().utf8) }
}
