import JSON

/// The `schemas` of a message, which say what message it is (RFC 7644 §3.1).
enum MessageSchema {
    /// Makes sure that a message is of the schema, or does not say of which.
    ///
    /// Where it stands tells what it is; some clients leave `schemas` out (``Profile/absentSchemas``).
    /// - Throws: `invalidSyntax` if `schemas` names others only, is no array, or is missing and has to be there.
    static func require(
        _ schema: String,
        in schemas: JSONValue?,
        _ profile: Profile
    ) throws(SCIMError) {
        let isNamed =
            switch schemas {
            case nil, .null?: profile.contains(.absentSchemas)
            case .array(let list)?:
                list.isEmpty ? profile.contains(.absentSchemas) : list.contains { isSchema($0, schema) }
            default: false
            }
        guard isNamed else {
            throw SCIMError(.invalidSyntax, "The schemas of this message contain \(schema).")
        }
    }

    private static func isSchema(_ value: JSONValue, _ schema: String) -> Bool {
        if case .string(let text) = value { text.equalsIgnoringASCIICase(schema) } else { false }
    }
}

extension JSONDocument {
    /// Whether a node is a string with the value of a text, in any case.
    fileprivate func isString(_ node: Int, inAnyCase text: String) -> Bool {
        guard kind(of: node) == .string else { return false }
        guard !hasEscapes(node) else { return string(at: node).equalsIgnoringASCIICase(text) }
        return String.equalsIgnoringASCIICase(bytes.span.extracting(range(of: node)), text.utf8.span)
    }

    /// The value of an object's member of a name in any case.
    ///
    /// - Throws: as of a tree.
    func member(_ name: String, inAnyCaseOf object: Int) throws(SCIMError) -> Int? {
        var found: Int?
        for member in children(of: object) where isString(member, inAnyCase: name) {
            guard found == nil else {
                throw SCIMError(.invalidSyntax, "\(name) is there twice in different case.")
            }
            found = member + 1
        }
        return found
    }
}

extension JSONObject {
    /// The member of a name in any case.
    ///
    /// - Throws: `invalidSyntax` if it is there twice in different case: which one counts would be a guess.
    func member(_ name: String) throws(SCIMError) -> JSONValue? {
        var found: Int?
        for index in members.indices where members[index].name.equalsIgnoringASCIICase(name) {
            guard found == nil else {
                throw SCIMError(.invalidSyntax, "\(name) is there twice in different case.")
            }
            found = index
        }
        return found.map { members[$0].value }
    }
}
