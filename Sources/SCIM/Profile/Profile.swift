/// What a tenant's server accepts and does where the RFCs, the interoperability profile
/// (draft-zollner-scim-interop-profile) and real clients disagree.
///
/// Each member is one decision, and a concession to clients: without it the RFC's letter holds, or the refusal that the
/// interoperability profile asks for. ``ProfileName`` gives the sets that a tenant can have. A profile is decided once,
/// where the token is checked, and passed down; nothing looks it up.
package struct Profile: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    // MARK: PATCH messages

    /// H-02, H-13: an operation may name its attributes in the value instead of a path; else 400 `invalidSyntax`.
    package static let pathlessPatch = Profile(rawValue: 1 << 0)
    /// H-01: `Add` and `REPLACE` are operations; else 400 `invalidSyntax`.
    package static let capitalisedOperations = Profile(rawValue: 1 << 1)
    /// H-13: the names in a value without path, and in a resource, may be dotted, or carry a URN or a filter; else 400
    /// `invalidPath`, in a resource `invalidSyntax`.
    package static let pathsAsNames = Profile(rawValue: 1 << 2)
    /// H-11: a `remove` with a value takes away only what the value names; else 400 `invalidSyntax`.
    ///
    /// The RFC gives `remove` no value. Ignoring one would empty the group of a client that means a member.
    package static let removalByValue = Profile(rawValue: 1 << 3)
    /// H-12: a value set under a filter of `eq` terms that selects nothing becomes a new element, and a replaced
    /// element keeps those terms; else 400 `noTarget`.
    package static let creationByFilter = Profile(rawValue: 1 << 4)
    /// H-05: setting a member's `display`, `type` or `$ref` has no effect; else 400 `mutability`.
    package static let memberDetails = Profile(rawValue: 1 << 5)
    /// H-08: PATCH of a group answers with the group while it has few members; else 204 unless `attributes` asks.
    package static let groupInPatchAnswer = Profile(rawValue: 1 << 6)

    /// A PATCH request without operations changes nothing; else 400 `invalidSyntax`.
    package static let emptyOperations = Profile(rawValue: 1 << 21)

    // MARK: Names

    /// A message or resource may have no `schemas`, since the endpoint tells its type; else 400 `invalidSyntax`, for a resource
    /// `invalidValue`.
    package static let absentSchemas = Profile(rawValue: 1 << 20)
    /// Attributes that no schema defines are ignored on write; else 400 `invalidSyntax`.
    package static let undefinedAttributes = Profile(rawValue: 1 << 7)
    /// F-11: an attribute that no schema defines has no value in a filter; else 400 `invalidFilter`.
    package static let undefinedAttributesInFilters = Profile(rawValue: 1 << 8)
    /// `schemas` may list unknown URNs and omit those of extensions that the body uses; else 400 `invalidSyntax`.
    package static let foreignSchemas = Profile(rawValue: 1 << 9)
    /// The URNs by which SCIM 1.1 and older clients know the schemas are taken for ours; else they are undefined.
    package static let schemaAliases = Profile(rawValue: 1 << 10)
    /// an extension's attribute may be named without its URN, as `manager`; else it is undefined.
    package static let bareExtensionNames = Profile(rawValue: 1 << 11)

    // MARK: Values

    /// H-13, H-14: `"True"` and `"false"` are booleans in bodies and in the filters of PATCH paths; else 400
    /// `invalidValue`, in a path `invalidFilter`.
    package static let stringBooleans = Profile(rawValue: 1 << 12)
    /// F-13: the same in the filters of queries.
    package static let stringBooleansInFilters = Profile(rawValue: 1 << 13)
    /// H-14: a bare value stands for the complex value that has it as `value`; else 400 `invalidValue`.
    package static let scalarForComplex = Profile(rawValue: 1 << 14)
    /// H-14: an array of one element stands for the element; else 400 `invalidValue`.
    package static let arrayForSingle = Profile(rawValue: 1 << 15)
    /// `""` unassigns a complex value and several values, as it does a text; else 400 `invalidValue`.
    package static let emptyTexts = Profile(rawValue: 1 << 22)
    /// in a resource, one value stands for an array of one; else 400 `invalidValue`.
    package static let singleForArray = Profile(rawValue: 1 << 16)
    /// a number stands for its text where a string is expected, and `1.0` for an integer; else 400 `invalidValue`.
    package static let looseNumbers = Profile(rawValue: 1 << 23)
    /// an attribute takes other values than its canonical ones; else 400 `invalidValue`.
    package static let otherValues = Profile(rawValue: 1 << 19)

    /// members that are nobody's ids are left out of a group; else 400 `invalidValue`, which names them.
    ///
    /// A client that pushes a whole group does so again for ever when one member of it was deleted here.
    package static let unknownMembers = Profile(rawValue: 1 << 24)

    // MARK: Queries and versions

    /// F-01: texts and `True` without quotes, and a sub-attribute behind a value path; else 400 `invalidFilter`.
    package static let looseFilters = Profile(rawValue: 1 << 17)
    /// V-02: `If-Match` and `If-None-Match` are honoured; else 400 `invalidSyntax`.
    ///
    /// A client that sends one relies on it, so that ignoring it is no choice.
    package static let conditionalRequests = Profile(rawValue: 1 << 18)
}

/// The profiles that a tenant can have.
package enum ProfileName: String, Sendable, CaseIterable {
    case `default`, strict, okta, entra

    package var profile: Profile {
        switch self {
        case .default: .default
        case .strict: .strict
        case .okta: .okta
        case .entra: .entra
        }
    }
}
