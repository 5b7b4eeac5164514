// From nodes to values: the parser has checked everything, so that nothing can fail here.

extension JSONDocument {
    /// The text as a tree.
    package var value: JSONValue { value(at: Self.root) }

    /// The text's object as a tree without one of its members, which its name's node stands for.
    package func value(leavingOut member: Int) -> JSONValue {
        var members: [JSONObject.Member] = []
        for name in children(of: Self.root) where name != member {
            members.append(JSONObject.Member(name: string(at: name), value: value(at: name + 1)))
        }
        return .object(JSONObject(uniqueMembers: members))
    }

    /// A node with what belongs to it as a tree.
    ///
    /// Recursion is bounded by the depth limit that the parser has checked.
    package func value(at node: Int) -> JSONValue {
        var builder = TreeBuilder(nodes: nodes, index: node)
        return builder.takeValue(bytes.span)
    }

    /// The value of a string node, or the text of a number.
    package func string(at node: Int) -> String { nodes[node].string(in: bytes.span) }

    /// The value of a number node that is an integer without fraction or exponent and fits 64 bits; nil otherwise.
    package func int64(at node: Int) -> Int64? {
        guard nodes[node].kind == .number else { return nil }
        return JSONNumber(validated: string(at: node)).int64
    }
}

extension JSONDocument.Node {
    fileprivate func string(in text: Span<UInt8>) -> String {
        let content = text.extracting(range)
        guard hasEscapes else { return JSONText.string(content, isASCII: isASCII) }
        return JSONText.string(JSONText.unescape(content).span, isASCII: false)
    }
}

/// Walks over the nodes once, from front to back.
private struct TreeBuilder {
    let nodes: [JSONDocument.Node]
    var index: Int

    mutating func takeValue(_ text: Span<UInt8>) -> JSONValue {
        let node = nodes[index]
        index += 1
        switch node.kind {
        case .null: return .null
        case .true: return .bool(true)
        case .false: return .bool(false)
        case .number: return .number(JSONNumber(validated: node.string(in: text)))
        case .string: return .string(node.string(in: text))
        case .array: return .array(takeElements(text, until: Int(node.next)))
        case .object: return .object(JSONObject(uniqueMembers: takeMembers(text, until: Int(node.next))))
        }
    }

    private mutating func takeElements(_ text: Span<UInt8>, until end: Int) -> [JSONValue] {
        var elements: [JSONValue] = []
        elements.reserveCapacity(count(until: end, step: 0))
        while index < end { elements.append(takeValue(text)) }
        return elements
    }

    private mutating func takeMembers(_ text: Span<UInt8>, until end: Int) -> [JSONObject.Member] {
        var members: [JSONObject.Member] = []
        members.reserveCapacity(count(until: end, step: 1))
        while index < end {
            let name = nodes[index].string(in: text)
            index += 1
            members.append(JSONObject.Member(name: name, value: takeValue(text)))
        }
        return members
    }

    /// Counting first costs less than a list that grows.
    private func count(until end: Int, step: Int) -> Int {
        var count = 0
        var child = index
        while child < end {
            count += 1
            child = Int(nodes[child + step].next)
        }
        return count
    }
}

extension JSONValue {
    /// Parses a text into a tree.
    package init(parsing bytes: [UInt8], limits: JSONLimits = .default) throws(JSONError) {
        self = try JSONDocument(parsing: bytes, limits: limits).value
    }
}
