import Identity

/// Who uses the console.
package struct Person: Sendable, Equatable {
    /// As the audit trail names them: 1 to 64 characters of a name there.
    package let id: String
    /// As pages name them.
    package let name: String

    init(id: String, name: String) {
        self.id = id
        self.name = name
    }

    /// Whether the audit trail can name a person by an e-mail address: at most 64 of `A–Z a–z 0–9 . _ - @ +`.
    ///
    /// What has no `@` is none: a provider could call somebody as an operator of this machine is called.
    static func isRecordableAddress(_ text: String) -> Bool {
        text.utf8.count <= 64 && text.utf8.contains(UInt8(ascii: "@"))
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: "._-@+".utf8.contains(byte)
                }
            }
    }
}

/// What a person may do.
package enum Role: String, Sendable, CaseIterable {
    /// Everything within a tenant.
    case owner
    /// Everything but what ends a connection: tokens are an owner's.
    case administrator
    /// Looks, and changes nothing.
    case reader

    var mayChange: Bool { self != .reader }
    var mayManageTokens: Bool { self == .owner }

    var title: String {
        switch self {
        case .owner: "owner"
        case .administrator: "administrator"
        case .reader: "read-only"
        }
    }
}

/// What a session lets its person see.
package enum Scope: Sendable, Equatable {
    /// All tenants: an operator of the service.
    case everything
    case tenant(String)

    /// The tenant; nil for all.
    var tenant: String? {
        switch self {
        case .everything: nil
        case .tenant(let own): own
        }
    }

    func covers(_ tenant: String) -> Bool {
        switch self {
        case .everything: true
        case .tenant(let own): own == tenant
        }
    }
}

/// One sign-in of a person.
struct Session: Sendable {
    var person: Person
    var role: Role
    let scope: Scope
    /// When the tenant was made that the scope names, since another one may get its name; empty for all tenants.
    let tenantCreated: String
    /// What the identity provider has vouched for; nil after a sign-in by a link.
    let claims: IDTokenClaims?
    /// In every form of this session.
    let formSecret: String
    /// Microseconds since 1970.
    let began: Int64
    var lastUsed: Int64
    /// Numbers of forms that were carried out, so that sending one again does nothing.
    var usedForms: [String] = []
    /// Forms up to this one, by the time in their numbers, count as carried out: they are not remembered one by one any more.
    var formsUsedUpTo = ""
}

/// Who has signed in, what they may do and see, and what says so.
struct SignedIn: Sendable {
    let person: Person
    let role: Role
    let scope: Scope
    /// Nil where no identity provider vouches for the person, but a link.
    var claims: IDTokenClaims?
}
