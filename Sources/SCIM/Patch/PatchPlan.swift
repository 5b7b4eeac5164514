import JSON

/// What a PATCH request asks for, understood and judged as far as that needs no resource (RFC 7644 §3.5.2).
///
/// ```
/// body ─► PatchRequest ─► operation ─► its path, or every name in a path-less value ─► PatchStep ─► resource
///                                  └─► of members ─► MemberChange ─► edges
/// ```
/// What is wrong whatever the resource is refused here, so that a client that names an unknown resource learns of it too.
/// What is accepted beyond the RFC, for the clients that send it, is the ``Profile``'s to decide.
///
/// A reference type, because a change is handed on many times until it is made.
package final class PatchPlan: Sendable {
    /// Changes of members, in the order of the request.
    package let members: [MemberChange]
    /// Whether a password, or what else is writeOnly, was sent; it is checked and dropped, never kept.
    package let containsPassword: Bool
    /// The attributes that no schema of the type defines, as the request spelled them.
    package let ignored: [AttributePath]

    /// The members of a resource that the steps look at, apart from its members and what decides whether it is valid.
    package let names: [String]
    /// The same, with what decides whether the resource is valid.
    package let neededNames: [String]

    /// Changes of other attributes, in the order of the request.
    let steps: [PatchStep]
    private let type: ResourceType

    /// Understands the operations of a request for a resource of `type`.
    ///
    /// - Throws: `invalidPath` and `invalidFilter` for a path that does not follow the grammar or whose filter names what is
    ///   not there, `invalidSyntax` for an undefined attribute that is not ignored and for one that is named twice,
    ///   `mutability` for a readOnly target and the removal of a required one, `invalidValue` for a value of the wrong type.
    package convenience init(
        _ operations: [PatchOperation],
        type: ResourceType,
        _ profile: Profile
    ) throws(SCIMError) {
        var planner = PatchPlanner(type: type, profile: profile)
        for operation in operations { try planner.read(operation) }
        try self.init(consume planner, type)
    }

    /// Understands the cells of a table's line, each of which replaces what its column fills.
    ///
    /// - Throws: as for a request that says the same.
    package convenience init(
        replacing cells: [(column: ImportColumn, value: JSONValue)],
        type: ResourceType,
        _ profile: Profile
    ) throws(SCIMError) {
        var planner = PatchPlanner(type: type, profile: profile)
        for cell in cells { try planner.read(cell.column, cell.value) }
        try self.init(consume planner, type)
    }

    private init(_ planner: PatchPlanner, _ type: ResourceType) throws(SCIMError) {
        try planner.requireAttributes()
        members = planner.members.changes
        containsPassword = planner.containsPassword
        ignored = planner.ignored.paths
        steps = planner.steps
        var names: [String] = []
        for step in planner.steps where !names.contains(step.name) { names.append(step.name) }
        self.names = names
        for name in type.decisiveNames where !names.contains(name) { names.append(name) }
        neededNames = names
        self.type = type
    }

    /// The plan with other steps, of the same attributes.
    init(_ plan: PatchPlan, steps: [PatchStep]) {
        members = plan.members
        containsPassword = plan.containsPassword
        ignored = plan.ignored
        names = plan.names
        neededNames = plan.neededNames
        type = plan.type
        self.steps = steps
    }

    /// Understands the body of a request.
    ///
    /// - Throws: beside the above what ``PatchRequest/decode(_:_:)`` throws.
    package convenience init(
        decoding body: JSONValue,
        type: ResourceType,
        _ profile: Profile
    ) throws(SCIMError) {
        try self.init(try PatchRequest.decode(body, profile).operations, type: type, profile)
    }

    /// Understands the body of a request that is parsed already; as the above.
    package convenience init(
        decoding body: JSONDocument,
        type: ResourceType,
        _ profile: Profile
    ) throws(SCIMError) {
        try self.init(try PatchRequest.decode(body, profile).operations, type: type, profile)
    }

    /// Whether nothing but members may change.
    package var changesOnlyMembers: Bool { steps.isEmpty && !containsPassword }

    /// The resource after all steps, members apart; equal to `resource` if nothing changes (RFC 7644 §3.5.2.1).
    ///
    /// Pure: reads no clock and no store, so equal inputs give equal results. Only the result of the last step has to be a
    /// valid resource. A part of a resource will do that has ``neededNames``.
    /// - Returns: nil if it costs more than the budget has, which is spent then.
    /// - Throws: `noTarget` for a filter that selects nothing, `mutability` for an immutable or required target,
    ///   `invalidValue` for an invalid result.
    package func apply(to resource: Resource, _ budget: inout WorkBudget) throws(SCIMError) -> Resource? {
        var attributes = resource.attributes
        for step in steps {
            try step.apply(to: &attributes, type, &budget)
            guard !budget.isSpent else { return nil }
        }
        return try Resource.validated(attributes, type: type, missingBytes: resource.missingBytes)
    }
}
