/// What stands for a name in a record: 16 bytes that only whoever has the tenant's key can make of a name.
package struct AuditMark: Sendable, Hashable {
    package static let byteCount = 16

    /// 32 lower-case hexadecimal digits.
    package let text: String

    /// Takes the first 16 bytes of a keyed digest; traps if there are fewer.
    package init(_ digest: [UInt8]) {
        precondition(digest.count >= Self.byteCount)
        text = AuditCharacters.hexadecimal(digest.prefix(Self.byteCount))
    }
}

/// The marks of a record's target: of its name and its externalId, each as it was and as it is, once where they are the same.
package struct AuditMarks: Sendable, Equatable {
    package let names: [AuditMark]
    package let externalIDs: [AuditMark]

    package init(names: [AuditMark] = [], externalIDs: [AuditMark] = []) {
        self.names = names
        self.externalIDs = externalIDs
    }
}
