import Audit
import JSON
import Storage

/// What the store keeps of a bearer token: everything but the token.
package struct Token: Sendable, Equatable {
    /// Names the token in lists and in the audit trail; not secret.
    package let id: String
    package let tenantName: String
    package let tenantNumber: UInt32
    package let created: Timestamp
    /// When the token stops to be valid: a year after its creation, or the end of the overlap after a regeneration.
    package var expires: Timestamp
    package var revoked: Timestamp?
    /// Who has made it; nil for a token of an older program.
    package private(set) var createdBy: AuditActor?
    /// Of what the audit trail was told about its end.
    var noticed: TokenNotice?
    /// After how many seconds without a use the token ends by itself, once the one that has replaced it is in use; nil for never.
    package var endsUnusedSeconds: UInt32?
    /// SHA-256 of the token's text.
    let digest: [UInt8]

    /// Days from a token's generation to its expiry.
    package static let validDays = 365
    /// In front of every token, so that scanners of repositories and logs recognise it.
    package static let textPrefix = "pharos_scim_"
    private static let idBytes = 12
    private static let secretBytes = 64
    static let textBytesMax = textPrefix.utf8.count + idBytes + 1 + secretBytes

    /// Whether requests may use the token now.
    package func isLive(at now: Timestamp) -> Bool { revoked == nil && now < expires }

    /// A new token's text and id: 256 random bits as hexadecimal digits behind the prefix and the id.
    static func generateText(_ environment: DirectoryEnvironment) -> (text: String, id: String) {
        let secret = environment.randomDigits()
        let id = String(environment.randomDigits().prefix(idBytes))
        return (textPrefix + id + "_" + secret, id)
    }

    /// The id inside a token's text as a number; nil if the text does not have a token's form.
    ///
    /// Of the secret only the length is looked at: see ``hasSecret(_:)``.
    static func number(in text: Span<UInt8>) -> UInt64? {
        guard text.count == textBytesMax else { return nil }
        var index = 0
        for byte in textPrefix.utf8 {
            guard text[index] == byte else { return nil }
            index += 1
        }
        var number: UInt64 = 0
        for position in index..<index + idBytes {
            guard let digit = hexDigit(text[position]) else { return nil }
            number = number << 4 | UInt64(digit)
        }
        return text[index + idBytes] == UInt8(ascii: "_") ? number : nil
    }

    /// The id that ``number(in:)`` has told as a number.
    static func id(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, idBytes - digits.utf8.count)) + digits
    }

    /// Whether the last part of a text with a number has the form of a secret.
    static func hasSecret(_ text: Span<UInt8>) -> Bool {
        for position in text.count - secretBytes..<text.count where hexDigit(text[position]) == nil {
            return false
        }
        return true
    }

    var encoded: [UInt8] {
        var row: [UInt8] = [endsUnusedSeconds == nil ? 2 : 3]
        row.appendBigEndian(tenantNumber)
        row.appendBigEndian(created.microseconds)
        row.appendBigEndian(expires.microseconds)
        row.appendBigEndian(revoked?.microseconds ?? 0)
        row += digest
        row.appendText(tenantName)
        row.append(noticed?.rawValue ?? 0)
        if let endsUnusedSeconds { row.appendBigEndian(endsUnusedSeconds) }
        if let createdBy { row.append(createdBy) }
        return row
    }

    init(
        id: String,
        tenant: Tenant,
        created: Timestamp,
        expires: Timestamp,
        createdBy: AuditActor,
        digest: [UInt8]
    ) {
        self.id = id
        tenantName = tenant.name
        tenantNumber = tenant.number
        self.created = created
        self.expires = expires
        self.createdBy = createdBy
        self.digest = digest
    }

    /// Nil if the row is damaged.
    ///
    /// Format 1 ends with the tenant's name; only format 3 has ``endsUnusedSeconds``.
    init?(id: String, row: Span<UInt8>) {
        var reader = RowReader()
        guard let format = reader.integer(UInt8.self, in: row), (1...3).contains(format),
            let tenantNumber = reader.integer(UInt32.self, in: row),
            let created = reader.integer(Int64.self, in: row),
            let expires = reader.integer(Int64.self, in: row),
            let revoked = reader.integer(Int64.self, in: row),
            let digest = reader.bytes(32, in: row),
            let tenantName = reader.text(in: row)
        else { return nil }
        self.id = id
        self.tenantName = tenantName
        self.tenantNumber = tenantNumber
        self.created = Timestamp(microseconds: created)
        self.expires = Timestamp(microseconds: expires)
        self.revoked = revoked == 0 ? nil : Timestamp(microseconds: revoked)
        self.digest = digest
        guard format > 1 else { return }
        guard let noticed = reader.integer(UInt8.self, in: row) else { return nil }
        self.noticed = TokenNotice(rawValue: noticed)
        if format == 3 {
            guard let seconds = reader.integer(UInt32.self, in: row) else { return nil }
            endsUnusedSeconds = seconds
        }
        guard reader.offset < row.count else { return }
        guard let createdBy = reader.actor(in: row), reader.offset == row.count else { return nil }
        self.createdBy = createdBy
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
