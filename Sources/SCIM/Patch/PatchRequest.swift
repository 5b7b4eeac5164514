import JSON

/// Bounds of a PATCH request, published to clients.
package enum PatchLimits {
    /// The most operations in a request; Okta sends up to 256, one member each.
    package static let operationsMax = 1_000
    /// What applying the operations of a request to a resource may cost, in units of ``WorkBudget``: about a second of a processor.
    ///
    /// A thousand operations that each select one of a thousand values by an `eq` term take two thirds of it.
    package static let workMax = 100_000_000
    /// The same on an event loop: about a millisecond.
    package static let workOnLoopMax = 100_000
}

/// One operation of a PATCH request (RFC 7644 §3.5.2), its path not yet read.
package struct PatchOperation: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case add, remove, replace

        init?(_ text: String, inAnyCase: Bool) {
            let kind = Self.allCases.first {
                inAnyCase ? $0.rawValue.equalsIgnoringASCIICase(text) : $0.rawValue == text
            }
            guard let kind else { return nil }
            self = kind
        }
    }

    package let kind: Kind
    /// The target; nil stands for the resource itself.
    package let path: String?
    /// The value as received; nil if the operation has none, which `null` is not.
    package let value: JSONValue?

    package init(_ kind: Kind, path: String? = nil, value: JSONValue? = nil) {
        self.kind = kind
        self.path = path
        self.value = value
    }
}

/// The body of a PATCH request (RFC 7644 §3.5.2, figure 8).
package struct PatchRequest: Sendable, Equatable {
    package static let schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

    /// In the order of the request; at most ``PatchLimits/operationsMax``.
    package let operations: [PatchOperation]

    /// Reads a body; names, `op` and the schema in any case, unknown members ignored.
    ///
    /// A `value` of null is a value: it unassigns its target, as in a resource (RFC 7643 §2.5).
    /// - Throws: `invalidSyntax` for a body of another shape and for what the profile does not accept, `noTarget`
    ///   for a `remove` without path, `invalidValue` for an `add` or `replace` without value and for one without
    ///   path whose value is no object.
    package static func decode(_ body: JSONValue, _ profile: Profile) throws(SCIMError) -> PatchRequest {
        guard case .object(let message) = body else {
            throw SCIMError(.invalidSyntax, "A PATCH request is a JSON object.")
        }
        try MessageSchema.require(schema, in: try message.member("schemas"), profile)
        guard case .array(let values)? = try message.member("Operations") else {
            throw SCIMError(.invalidSyntax, "A PATCH request has an array of Operations.")
        }
        try check(count: values.count, profile)
        var operations: [PatchOperation] = []
        operations.reserveCapacity(values.count)
        for value in values {
            guard case .object(let object) = value else { throw isNoObject }
            operations.append(
                try operation(profile) { name throws(SCIMError) in try object.member(name) }
            )
        }
        return PatchRequest(operations: operations)
    }

    /// The same for a body that is parsed already, of which only what operations say becomes a tree.
    package static func decode(_ body: JSONDocument, _ profile: Profile) throws(SCIMError) -> PatchRequest {
        let root = JSONDocument.root
        guard body.kind(of: root) == .object else {
            throw SCIMError(.invalidSyntax, "A PATCH request is a JSON object.")
        }
        try MessageSchema.require(
            schema,
            in: try body.member("schemas", inAnyCaseOf: root).map { body.value(at: $0) },
            profile
        )
        guard let list = try body.member("Operations", inAnyCaseOf: root), body.kind(of: list) == .array
        else {
            throw SCIMError(.invalidSyntax, "A PATCH request has an array of Operations.")
        }
        var count = 0
        for _ in body.children(of: list) { count += 1 }
        try check(count: count, profile)
        var operations: [PatchOperation] = []
        operations.reserveCapacity(count)
        for node in body.children(of: list) {
            guard body.kind(of: node) == .object else { throw isNoObject }
            operations.append(
                try operation(profile) { name throws(SCIMError) in
                    try body.member(name, inAnyCaseOf: node).map { body.value(at: $0) }
                }
            )
        }
        return PatchRequest(operations: operations)
    }

    private static func check(count: Int, _ profile: Profile) throws(SCIMError) {
        guard count > 0 || profile.contains(.emptyOperations) else {
            throw SCIMError(.invalidSyntax, "A PATCH request has at least one element in Operations.")
        }
        guard count <= PatchLimits.operationsMax else {
            let limit = PatchLimits.operationsMax
            throw SCIMError(
                .invalidValue,
                "A PATCH request has at most \(limit) operations; this one has more."
            )
        }
    }

    private static var isNoObject: SCIMError {
        SCIMError(.invalidSyntax, "An element of Operations is a JSON object.")
    }

    /// `member`: the operation's member of a name in any case.
    private static func operation(
        _ profile: Profile,
        _ member: (String) throws(SCIMError) -> JSONValue?
    ) throws(SCIMError) -> PatchOperation {
        guard case .string(let op)? = try member("op"),
            let kind = PatchOperation.Kind(op, inAnyCase: profile.contains(.capitalisedOperations))
        else { throw SCIMError(.invalidSyntax, "The op of an operation is add, remove or replace.") }
        let path = try path(try member("path"))
        let operand = try member("value")
        switch kind {
        case .remove:
            guard path != nil else { throw SCIMError(.noTarget, "A remove operation names its path.") }
            guard operand == nil || operand == .null || profile.contains(.removalByValue) else {
                throw SCIMError(
                    .invalidSyntax,
                    "A remove operation has no value: a filter in its path selects what to remove."
                )
            }
        case .add, .replace:
            guard let operand else {
                throw SCIMError(
                    .invalidValue,
                    "The value of an operation is missing: \(kind.rawValue) needs one."
                )
            }
            guard path == nil else { break }
            guard profile.contains(.pathlessPatch) else {
                throw SCIMError(.invalidSyntax, "Every operation names its path.")
            }
            guard case .object = operand else {
                throw SCIMError(.invalidValue, "Without a path, the value of an operation is an object.")
            }
        }
        return PatchOperation(kind, path: path, value: operand)
    }

    /// The path; an empty text or null stands for none.
    private static func path(_ value: JSONValue?) throws(SCIMError) -> String? {
        switch value {
        case nil, .null: return nil
        case .string(let text): return text.isEmpty ? nil : text
        default: throw SCIMError(.invalidPath, "The path of an operation is a string.")
        }
    }
}
