import Audit
import JSON
import SCIM
import Storage

/// A tenant as an administrator sees it.
package struct Tenant: Sendable, Equatable {
    /// 1 to 63 letters, digits and hyphens; in the Tenant URL.
    package let name: String
    /// The tenant's number in keys; never reused, also not for a tenant of the same name.
    package let number: UInt32
    package let created: Timestamp
    /// Whether the tenant's clients are served; off until an operator turns it on.
    package var isSCIMEnabled: Bool
    /// What an operator has decided for the tenant.
    package var settings = TenantSettings()
    /// The version of the tenant's own schemas and resource types; 0 if it never had any, so that requests read no more.
    package var schemasVersion: UInt32 = 0
    /// The clients that the tenant's traffic has shown so far.
    package var clients = ClientProducts()

    /// What marks names in the audit trail; there as long as ``TenantSettings/auditIdentifiers`` asks for it.
    package private(set) var identifierKey: IdentifierKey?

    /// Who has asked for SCIM, and when; nil if nobody has, and once it is enabled.
    package var scimRequested: SCIMRequested?

    package struct SCIMRequested: Sendable, Equatable {
        package let time: Timestamp
        package let by: AuditActor
    }

    /// Makes the key if names are marked and there is none, and deletes it if they are not.
    mutating func keepIdentifierKey(_ environment: DirectoryEnvironment) {
        switch settings.auditIdentifiers {
        case .none: identifierKey = nil
        case .hmac: identifierKey = identifierKey ?? IdentifierKey(environment)
        }
    }

    /// Whether a text can name a tenant: a DNS label in lower case, so that it needs no escaping anywhere.
    package static func isValidName(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard (1...63).contains(bytes.count), bytes.first != UInt8(ascii: "-"),
            bytes.last != UInt8(ascii: "-")
        else { return false }
        return bytes.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
        }
    }

    /// What else stands behind the row's fixed part: its number, the length of its value, the value.
    ///
    /// A row without it, as an earlier version wrote it, has the default. Settings share the numbers; none is used again.
    enum Field: UInt8, CaseIterable {
        case schemasVersion = 2
        case clients = 4
        case scimRequested = 6
        case identifierKey = 11
    }

    var encoded: [UInt8] {
        var row: [UInt8] = [1]
        row.appendBigEndian(number)
        row.appendBigEndian(created.microseconds)
        row.append(isSCIMEnabled ? 1 : 0)
        var fields: [[UInt8]] = TenantSetting.all.filter { $0.word(in: settings) != $0.initial }
            .map { [$0.number, 1, $0.word(in: settings).number] }
        for (field, value) in [(Field.schemasVersion, schemasVersion), (.clients, clients.bits)]
        where value != 0 {
            var bytes = [field.rawValue, 4]
            bytes.appendBigEndian(value)
            fields.append(bytes)
        }
        if let scimRequested {
            var value: [UInt8] = []
            value.appendBigEndian(scimRequested.time.microseconds)
            value.append(scimRequested.by)
            fields.append([Field.scimRequested.rawValue, UInt8(value.count)] + value)
        }
        if let identifierKey {
            fields.append(
                [Field.identifierKey.rawValue, UInt8(IdentifierKey.byteCount)] + identifierKey.bytes
            )
        }
        return row + fields.sorted { $0[0] < $1[0] }.joined()
    }

    init(name: String, number: UInt32, created: Timestamp, isSCIMEnabled: Bool) {
        self.name = name
        self.number = number
        self.created = created
        self.isSCIMEnabled = isSCIMEnabled
    }

    /// Nil if the row is damaged.
    package init?(name: String, row: Span<UInt8>) {
        var reader = RowReader()
        guard reader.integer(UInt8.self, in: row) == 1, let number = reader.integer(UInt32.self, in: row),
            let created = reader.integer(Int64.self, in: row),
            let enabled = reader.integer(UInt8.self, in: row)
        else { return nil }
        self.init(
            name: name,
            number: number,
            created: Timestamp(microseconds: created),
            isSCIMEnabled: enabled == 1
        )
        while let code = reader.integer(UInt8.self, in: row) {
            guard let length = reader.integer(UInt8.self, in: row), read(code, Int(length), &reader, row)
            else {
                return nil
            }
        }
    }

    /// False if the field is damaged.
    private mutating func read(
        _ code: UInt8,
        _ length: Int,
        _ reader: inout RowReader,
        _ row: Span<UInt8>
    ) -> Bool {
        if let setting = TenantSetting.all.first(where: { $0.number == code }) {
            guard length == 1, let number = reader.integer(UInt8.self, in: row),
                let word = setting.words.first(where: { $0.number == number })
            else { return false }
            return setting.set(word.text, in: &settings)
        }
        switch Field(rawValue: code) {
        case .schemasVersion:
            guard length == 4, let version = reader.integer(UInt32.self, in: row) else { return false }
            schemasVersion = version
        case .clients:
            guard length == 4, let bits = reader.integer(UInt32.self, in: row) else { return false }
            clients = ClientProducts(bits: bits)
        case .scimRequested:
            let end = reader.offset + length
            guard let time = reader.integer(Int64.self, in: row), let actor = reader.actor(in: row),
                reader.offset == end
            else { return false }
            scimRequested = SCIMRequested(time: Timestamp(microseconds: time), by: actor)
        case .identifierKey:
            var bytes: [UInt8] = []
            for _ in 0..<length {
                guard let byte = reader.integer(UInt8.self, in: row) else { return false }
                bytes.append(byte)
            }
            identifierKey = IdentifierKey(bytes)
            return identifierKey != nil
        case nil: return false
        }
        return true
    }
}
