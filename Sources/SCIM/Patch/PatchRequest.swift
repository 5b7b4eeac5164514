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
    package enum Kind: String, Sendable { case add, remove, replace }

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
        guard !values.isEmpty || profile.contains(.emptyOperations) else {
            throw SCIMError(.invalidSyntax, "A PATCH request has at least one element in Operations.")
        }
        guard values.count <= PatchLimits.operationsMax else {
            let limit = PatchLimits.operationsMax
            throw SCIMError(
                .invalidValue,
                "A PATCH request has at most \(limit) operations; this one has more."
            )
        }
        var operations: [PatchOperation] = []
        operations.reserveCapacity(values.count)
        for value in values { operations.append(try operation(value, profile)) }
        return PatchRequest(operations: operations)
    }

    private static func operation(
        _ value: JSONValue,
        _ profile: Profile
    ) throws(SCIMError) -> PatchOperation {
        guard case .object(let object) = value else {
            throw SCIMError(.invalidSyntax, "An element of Operations is a JSON object.")
        }
        guard case .string(let op)? = try object.member("op"),
            let kind = PatchOperation.Kind(
                rawValue: profile.contains(.capitalisedOperations) ? op.lowercased() : op
            )
        else { throw SCIMError(.invalidSyntax, "The op of an operation is add, remove or replace.") }
        let path = try path(of: object)
        let operand = try object.member("value")
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
    private static func path(of object: JSONObject) throws(SCIMError) -> String? {
        switch try object.member("path") {
        case nil, .null: return nil
        case .string(let text): return text.isEmpty ? nil : text
        default: throw SCIMError(.invalidPath, "The path of an operation is a string.")
        }
    }
}
