import JSON
import SCIM

// What takes a budget, with the one of a request; a smaller one is spent or makes no difference.

extension BoundFilter {
    func matches(_ resource: JSONObject) -> Bool {
        var (large, small) = (WorkBudget(FilterLimits.workMax), WorkBudget(100))
        let result = matches(resource, &large)
        let again = matches(resource, &small)
        hold(!large.isSpent, "a filter of one resource is no work")
        hold(small.isSpent || again == result, "a budget that suffices makes no difference")
        return result
    }

    func matches(element: JSONValue) -> Bool {
        var budget = WorkBudget(FilterLimits.workMax)
        return matches(element: element, &budget)
    }
}

extension PatchPlan {
    func apply(to resource: Resource) throws(SCIMError) -> Resource {
        var (large, small) = (WorkBudget(PatchLimits.workMax), WorkBudget(1_000))
        guard let result = try apply(to: resource, &large) else { throw .tooMuchWork }
        let again = try apply(to: resource, &small)
        hold(small.isSpent == (again == nil), "nothing comes of a spent budget, and something of another")
        hold(again == nil || again == result, "a budget that suffices makes no difference")
        return result
    }
}
