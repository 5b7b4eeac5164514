package import JSON
package import SCIM

// What takes a budget, with one that is never spent.

extension BoundFilter {
    package func matches(_ resource: JSONObject) -> Bool {
        var budget = WorkBudget(.max)
        return matches(resource, &budget)
    }

    package func matches(element: JSONValue) -> Bool {
        var budget = WorkBudget(.max)
        return matches(element: element, &budget)
    }
}

extension PatchPlan {
    package func apply(to resource: Resource) throws(SCIMError) -> Resource {
        var budget = WorkBudget(.max)
        guard let result = try apply(to: resource, &budget) else { throw .tooMuchWork }
        return result
    }
}

extension ResourceDecoder {
    package static func decode(
        _ body: JSONDocument,
        as type: ResourceType,
        _ profile: Profile
    ) throws(SCIMError) -> DecodedResource {
        var budget = WorkBudget(.max)
        guard let result = try decode(body, as: type, profile, &budget) else { throw .tooMuchWork }
        return result
    }
}
