/// The names of what load tests make, by which it is found again and removed; numbers begin with 1.
package enum LoadNames {
    /// Most users of a test.
    package static let usersMax = 1_000_000
    /// Most groups of a test.
    package static let groupsMax = 1_000

    /// The userName of a user: `load-000001`.
    package static func user(_ number: Int) -> String { "load-\(digits(number, 6))" }

    /// The displayName of a group: `load-group-0001`.
    package static func group(_ number: Int) -> String { "load-group-\(digits(number, 4))" }

    /// The externalId of the same, which tells that a load test has made it.
    static func mark(_ name: String) -> String { "pharos-\(name)" }

    private static func digits(_ number: Int, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
}
