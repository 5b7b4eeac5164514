// RFC 8259, strictly: no duplicate names, no lone surrogates, no byte order mark, UTF-8 checked.

/// A parsed JSON text: its bytes and a flat list of nodes, in the order of the text.
///
/// ```
/// {"a":[1,true]}   nodes:  0 object →5   1 string a   2 array →5   3 number   4 true
/// ```
///
/// A container is followed by its contents, and knows the node behind them; an object's contents are names and values in
/// turn. Nothing is decoded until it is asked for.
package struct JSONDocument: Sendable {
    /// What a node is.
    package enum Kind: UInt8, Sendable { case null, `true`, `false`, number, string, array, object }

    struct Node {
        let kind: Kind
        /// Whether a string has escapes, so that its value is not its bytes.
        let hasEscapes: Bool
        /// Where a number's or string's content lies in the text.
        let start: UInt32
        let end: UInt32
        /// The first node that does not belong to this one.
        var next: UInt32
    }

    let bytes: [UInt8]
    let nodes: [Node]

    /// Parses a text.
    ///
    /// - Throws: ``JSONError`` with the offset of the byte that is wrong; the limits are checked before anything is built.
    package init(parsing bytes: [UInt8], limits: JSONLimits = .default) throws(JSONError) {
        guard bytes.count <= limits.bytesMax else { throw JSONError(.tooLarge, at: limits.bytesMax) }
        var parser = JSONParser(limits: limits, capacity: bytes.count / 12 + 8)
        try parser.parse(bytes.span)
        self.bytes = bytes
        nodes = parser.nodes
    }
}

// MARK: - Navigation

extension JSONDocument {
    /// The node of the whole text.
    package static let root = 0

    package func kind(of node: Int) -> Kind { nodes[node].kind }

    /// The elements of an array, or the names of an object's members; the value of a name is the node behind it.
    package func children(of node: Int) -> [Int] {
        var children: [Int] = []
        var index = node + 1
        let end = Int(nodes[node].next)
        let isObject = nodes[node].kind == .object
        while index < end {
            children.append(index)
            index = Int(nodes[isObject ? index + 1 : index].next)
        }
        return children
    }

    /// The value of an object's member; nil if there is no such member. Names are compared byte for byte.
    package func member(_ name: String, of node: Int) -> Int? {
        guard nodes[node].kind == .object else { return nil }
        var index = node + 1
        let end = Int(nodes[node].next)
        while index < end {
            if string(at: index).utf8.elementsEqual(name.utf8) { return index + 1 }
            index = Int(nodes[index + 1].next)
        }
        return nil
    }

    /// The value of a string node.
    package func string(at node: Int) -> String {
        let node = nodes[node]
        let content = Int(node.start)..<Int(node.end)
        guard node.hasEscapes else {
            return bytes.withUnsafeBufferPointer {
                String(decoding: UnsafeBufferPointer(rebasing: $0[content]), as: UTF8.self)
            }
        }
        return String(decoding: JSONParser.unescape(bytes.span.extracting(content)), as: UTF8.self)
    }

    /// The text as a tree. Recursion is bounded by the depth limit that the parser has checked.
    package var value: JSONValue {
        var node = 0
        return takeValue(&node)
    }

    private func takeValue(_ node: inout Int) -> JSONValue {
        let index = node
        node += 1
        switch nodes[index].kind {
        case .null: return .null
        case .true: return .bool(true)
        case .false: return .bool(false)
        case .number: return .number(JSONNumber(validated: string(at: index)))
        case .string: return .string(string(at: index))
        case .array:
            let end = Int(nodes[index].next)
            var elements: [JSONValue] = []
            while node < end { elements.append(takeValue(&node)) }
            return .array(elements)
        case .object:
            let end = Int(nodes[index].next)
            var members: [JSONObject.Member] = []
            members.reserveCapacity(min(8, (end - node) / 2))
            while node < end {
                let name = string(at: node)
                node += 1
                members.append(JSONObject.Member(name: name, value: takeValue(&node)))
            }
            return .object(JSONObject(uniqueMembers: members))
        }
    }
}

extension JSONValue {
    /// Parses a text into a tree.
    package init(parsing bytes: [UInt8], limits: JSONLimits = .default) throws(JSONError) {
        self = try JSONDocument(parsing: bytes, limits: limits).value
    }
}
