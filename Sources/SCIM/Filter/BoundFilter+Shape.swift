extension BoundFilter {
    /// A part of a filter without its literals, for records that tell what was asked and not about whom.
    package enum ShapePart: Sendable, Equatable {
        /// The names of an attribute that the type defines, from the outermost on.
        case attribute([String])
        case comparison(Filter.Operator)
        case present, value, and, or, not, open, close, openValues, closeValues
    }

    /// The filter as it is tested: names as the schemas have them, in any case that the client has written.
    package var shape: [ShapePart] { Self.shape(root, isInner: false) }

    private static func shape(_ node: Node, isInner: Bool) -> [ShapePart] {
        switch node {
        case .all(let nodes): joined(nodes, by: .and, isInner: isInner)
        case .any(let nodes): joined(nodes, by: .or, isInner: isInner)
        case .not(let inner): [.not, .open] + shape(inner, isInner: false) + [.close]
        case .element(let names, let inner):
            [.attribute(names), .openValues] + shape(inner, isInner: false) + [.closeValues]
        case .test(let place, let test): [.attribute(place.names)] + test.shape
        }
    }

    private static func joined(_ nodes: [Node], by word: ShapePart, isInner: Bool) -> [ShapePart] {
        var parts: [ShapePart] = isInner ? [.open] : []
        for (index, node) in nodes.enumerated() {
            if index > 0 { parts.append(word) }
            parts += shape(node, isInner: true)
        }
        if isInner { parts.append(.close) }
        return parts
    }
}

extension FilterTest {
    fileprivate var shape: [BoundFilter.ShapePart] {
        switch self {
        case .isPresent(true): [.present]
        case .isPresent(false): [.comparison(.eq), .value]
        case .text(let comparison, _), .number(let comparison, _), .time(let comparison, _):
            [.comparison(comparison), .value]
        case .boolean(_, let isEqual): [.comparison(isEqual ? .eq : .ne), .value]
        }
    }
}
