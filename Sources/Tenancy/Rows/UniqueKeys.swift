import Storage

/// The keys of the rows that make the values of one attribute unique, made for one plain text after the other.
package final class UniqueKeys: Sendable {
    private let tenant: UInt32
    private let kind: UInt8
    private let attribute: IndexedAttribute
    /// Whether the attribute is compared without case.
    private let isFolded: Bool
    private let sha256: @Sendable (Span<UInt8>) -> [UInt8]
    /// What all of them begin with.
    private let beginning: [UInt8]

    package init(
        _ tenant: UInt32,
        _ kind: UInt8,
        _ attribute: IndexedAttribute,
        isFolded: Bool,
        sha256: @escaping @Sendable (Span<UInt8>) -> [UInt8]
    ) {
        self.tenant = tenant
        self.kind = kind
        self.attribute = attribute
        self.isFolded = isFolded
        self.sha256 = sha256
        beginning = Keys.uniques(tenant, kind).bytes + attribute.code
    }

    /// The key of a text; nil unless it is ASCII without control characters, whose lower case is all that preparing it changes.
    package func key(of text: Span<UInt8>) -> Key? {
        let (beginning, isFolded) = (beginning, isFolded)
        var isPlain = true
        var bytes = [UInt8](room: beginning.count + text.count + 1) { free in
            free.append(copying: beginning.span)
            for index in text.indices {
                let byte = text[index]
                isPlain = isPlain && (0x20...0x7E).contains(byte)
                let isUpper = isFolded && (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                free.append(isUpper ? byte | 0x20 : byte)
            }
        }
        guard isPlain else { return nil }
        guard text.count > IndexedValue.textBytesMax(attribute) else {
            bytes.append(IndexedValue.end)
            return Key(bytes)
        }
        let prepared = String(decoding: bytes[beginning.count...], as: UTF8.self)
        return Keys.unique(tenant, kind, attribute, prepared, sha256: sha256)
    }
}
