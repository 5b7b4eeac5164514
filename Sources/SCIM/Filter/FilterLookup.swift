import JSON

/// A comparison that the order of an attribute's values can answer.
package enum ValueTest: Sendable {
    /// `eq`, `sw` or an ordering; the text is prepared unless the attribute is caseExact.
    case text(Filter.Operator, String)
    case boolean(Bool)
    /// `eq` or an ordering.
    case time(Filter.Operator, Timestamp)
    case present
}

/// What a filter asks for in terms that an index may answer: whatever fulfils the filter fulfils this.
package indirect enum FilterLookup: Sendable {
    /// Some value at the names fulfils the test; this and nothing else is asked for.
    case value([String], ValueTest)
    case all([FilterLookup])
    case any([FilterLookup])
    /// Nothing that an index could tell.
    case open
}

extension BoundFilter {
    /// The filter as an index sees it.
    package var lookup: FilterLookup { root.lookup(below: []) }
}

extension BoundFilter.Node {
    /// `names`: of the attribute of whose elements one has to fulfil the node.
    fileprivate func lookup(below names: [String]) -> FilterLookup {
        switch self {
        case .all(let nodes): .all(nodes.map { $0.lookup(below: names) })
        case .any(let nodes): .any(nodes.map { $0.lookup(below: names) })
        case .not: .open
        case .element(let inner, let node): node.lookup(below: names + inner)
        case .test(let place, let test):
            test.valueTest(absent: place.absent).map { .value(names + place.names, $0) } ?? .open
        }
    }
}

extension FilterTest {
    /// The test as the order of the values answers it; nil if it does not.
    fileprivate func valueTest(absent: JSONValue?) -> ValueTest? {
        switch self {
        case .isPresent(true): .present
        case .isPresent(false): nil
        case .text(.ne, _), .text(.co, _), .text(.ew, _): nil
        case .text(let comparison, let literal): .text(comparison, literal.text)
        // Where every resource counts as having a value, one that differs is the other one.
        case .boolean(let flag, let isEqual): isEqual ? .boolean(flag) : absent == nil ? nil : .boolean(!flag)
        case .number: nil
        case .time(.ne, _): nil
        case .time(let comparison, let literal): .time(comparison, literal)
        }
    }
}
