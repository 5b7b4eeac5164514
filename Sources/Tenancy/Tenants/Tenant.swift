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
    /// What the server accepts of the tenant's clients.
    package var profile = ProfileName.default
    /// The version of the tenant's own schemas and resource types; 0 if it never had any, so that requests read no more.
    package var schemasVersion: UInt32 = 0
    /// Whether personal attributes may be asked for in URLs.
    package var urlFilters = URLFilters.allow
    /// The clients that the tenant's traffic has shown so far.
    package var clients = ClientProducts()

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

    /// A setting behind the row's fixed part: its number, the length of its value, the value.
    ///
    /// A row without a setting, as an earlier version wrote it, has the setting's default.
    private enum Setting: UInt8 {
        case profile = 1
        case schemasVersion = 2
        case urlFilters = 3
        case clients = 4
    }

    var encoded: [UInt8] {
        var row: [UInt8] = [1]
        row.appendBigEndian(number)
        row.appendBigEndian(created.microseconds)
        row.append(isSCIMEnabled ? 1 : 0)
        if profile != .default { row += [Setting.profile.rawValue, 1, profile.rawValue] }
        if schemasVersion > 0 {
            row += [Setting.schemasVersion.rawValue, 4]
            row.appendBigEndian(schemasVersion)
        }
        if urlFilters != .allow { row += [Setting.urlFilters.rawValue, 1, urlFilters.rawValue] }
        if clients.bits != 0 {
            row += [Setting.clients.rawValue, 4]
            row.appendBigEndian(clients.bits)
        }
        return row
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

    /// False if the setting is damaged.
    private mutating func read(
        _ code: UInt8,
        _ length: Int,
        _ reader: inout RowReader,
        _ row: Span<UInt8>
    ) -> Bool {
        switch Setting(rawValue: code) {
        case .profile:
            guard length == 1, let value = reader.integer(UInt8.self, in: row),
                let profile = ProfileName(rawValue: value)
            else { return false }
            self.profile = profile
        case .schemasVersion:
            guard length == 4, let version = reader.integer(UInt32.self, in: row) else { return false }
            schemasVersion = version
        case .urlFilters:
            guard length == 1, let value = reader.integer(UInt8.self, in: row),
                let urlFilters = URLFilters(rawValue: value)
            else { return false }
            self.urlFilters = urlFilters
        case .clients:
            guard length == 4, let bits = reader.integer(UInt32.self, in: row) else { return false }
            clients = ClientProducts(bits: bits)
        case nil: return false
        }
        return true
    }
}
