package import Storage

/// A name that may stand in a record: 1 to 64 of `A–Z a–z 0–9 . _ -`.
///
/// For what this server or its operator named (tenants, clients, credentials, requests), and for the trace id and `bulkId` of a
/// client; never for a resource's values.
package struct AuditSlug: Sendable, Hashable {
    package let text: String

    package static let bytesMax = 64

    /// Checks a text; nil if it is no slug.
    package init?(_ text: String) {
        guard (1...AuditSlug.bytesMax).contains(text.utf8.count), AuditCharacters.isName(text) else {
            return nil
        }
        self.text = text
    }

    /// The name of a person, which may be an e-mail address and so have `@` and `+`; nil if it is none.
    package init?(person text: String) {
        guard (1...AuditSlug.bytesMax).contains(text.utf8.count),
            AuditCharacters.isName(text, or: UInt8(ascii: "@"), UInt8(ascii: "+"))
        else { return nil }
        self.text = text
    }

    /// A number as a slug.
    package init(number: UInt64) { text = String(number) }

    /// An identifier made by this server.
    package init(_ id: UniqueID) { text = id.text }
}

/// The schema path of an attribute, or the name of a setting: 1 to 256 of `A–Z a–z 0–9 : . _ $ -`.
///
/// A path of a filter or a value selection (`emails[type eq "work"]`) is no such path: the brackets are refused.
package struct AuditAttributePath: Sendable, Hashable {
    package let text: String

    package static let bytesMax = 256

    /// Checks a text; nil if it is no attribute path.
    package init?(_ text: String) {
        guard (1...AuditAttributePath.bytesMax).contains(text.utf8.count),
            AuditCharacters.isName(text, or: UInt8(ascii: ":"), UInt8(ascii: "$"))
        else { return nil }
        self.text = text
    }
}

/// A SHA-256 digest of something that is not secret, such as a configuration file.
package struct AuditDigest: Sendable, Hashable {
    /// 64 lower-case hexadecimal digits.
    package let text: String

    package static let byteCount = 32

    /// Takes the digest's bytes; nil unless there are 32.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count == AuditDigest.byteCount else { return nil }
        text = AuditCharacters.hexadecimal(bytes)
    }
}

enum AuditCharacters {
    /// Whether a text has only bytes of names, or one of two others.
    static func isName(
        _ text: String,
        or first: UInt8 = UInt8(ascii: "-"),
        _ second: UInt8 = UInt8(ascii: "-")
    ) -> Bool {
        let bytes = text.utf8.span
        for index in bytes.indices {
            let byte = bytes[index]
            guard isNameByte(byte) || byte == first || byte == second else { return false }
        }
        return true
    }

    /// Whether a byte is one of `A–Z a–z 0–9 . _ -`.
    static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// Two lower-case hexadecimal digits for each byte.
    static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        var digits: [UInt8] = []
        for byte in bytes {
            digits.append(hexadecimalDigit(byte >> 4))
            digits.append(hexadecimalDigit(byte & 0xF))
        }
        return String(decoding: digits, as: UTF8.self)
    }

    /// The digit of a number below 16.
    static func hexadecimalDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
