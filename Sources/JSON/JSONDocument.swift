// RFC 8259, strictly: no duplicate names, no lone surrogates, UTF-8 checked. A byte order mark in front is skipped (§8.1).

/// A parsed JSON text: its bytes and a flat list of nodes, in the order of the text.
///
/// ```
/// {"a":[1,true]}   nodes:  0 object →5   1 string a   2 array →5   3 number   4 true
/// ```
///
/// A container is followed by its contents, and knows the node behind them; an object's contents are names and values in
/// turn. Nothing is decoded until it is asked for. A node is named by its index; the root is ``root``.
package struct JSONDocument: Sendable {
    /// What a node is.
    package enum Kind: UInt8, Sendable { case null, `true`, `false`, number, string, array, object }

    @usableFromInline
    struct Node {
        @usableFromInline let kind: Kind
        /// Whether a string has escapes, so that its value is not its bytes.
        @usableFromInline let hasEscapes: Bool
        /// Whether a string without escapes has ASCII only.
        @usableFromInline let isASCII: Bool
        /// Where the node lies in the text; a string without its quotation marks.
        @usableFromInline let start: UInt32
        @usableFromInline var end: UInt32
        /// The first node that does not belong to this one.
        ///
        /// While the parser is inside a container, it is the container around it.
        @usableFromInline var next: UInt32

        @inlinable var range: Range<Int> { Int(start)..<Int(end) }
    }

    /// The text.
    package let bytes: [UInt8]
    @usableFromInline let nodes: [Node]

    /// Parses a text.
    ///
    /// - Throws: ``JSONError`` with the offset of the byte that is wrong; the limits are checked before anything is built.
    package init(parsing bytes: [UInt8], limits: JSONLimits = .default) throws(JSONError) {
        guard bytes.count <= limits.bytesMax else { throw JSONError(.tooLarge, at: limits.bytesMax) }
        var parser = JSONParser(depthMax: limits.depthMax, textBytes: bytes.count)
        try parser.parse(bytes.span)
        self.bytes = bytes
        nodes = parser.nodes
    }
}

// MARK: - Navigation

extension JSONDocument {
    /// The node of the whole text.
    package static let root = 0

    /// What `node` is.
    @inlinable
    package func kind(of node: Int) -> Kind { nodes[node].kind }

    /// Where `node` lies in ``bytes``: a container or number as it was written, a string without its quotation marks.
    @inlinable
    package func range(of node: Int) -> Range<Int> { nodes[node].range }

    /// Whether a string's value differs from the bytes at its range.
    @inlinable
    package func hasEscapes(_ node: Int) -> Bool { nodes[node].hasEscapes }

    /// The elements of an array, or the names of an object's members; the value of a name is the node behind it.
    @inlinable
    package func children(of node: Int) -> Children { Children(of: node, nodes: nodes) }

    /// The value of an object's member; nil if there is no such member.
    ///
    /// Names are compared byte for byte.
    package func member(_ name: String, of node: Int) -> Int? {
        guard nodes[node].kind == .object else { return nil }
        let wanted = name.utf8.span
        var index = node + 1
        let end = Int(nodes[node].next)
        while index < end {
            if isString(index, equalTo: wanted) { return index + 1 }
            index = Int(nodes[index + 1].next)
        }
        return nil
    }

    /// Whether `node` is a string with the value `text`, byte for byte.
    package func isString(_ node: Int, equalTo text: String) -> Bool {
        nodes[node].kind == .string && isString(node, equalTo: text.utf8.span)
    }

    private func isString(_ node: Int, equalTo text: Span<UInt8>) -> Bool {
        guard nodes[node].hasEscapes else {
            // The lengths differ nearly always, which spares looking at the text.
            return Int(nodes[node].end - nodes[node].start) == text.count
                && JSONText.areEqual(bytes.span.extracting(range(of: node)), text)
        }
        return JSONText.areEqual(JSONText.unescape(bytes.span.extracting(range(of: node))).span, text)
    }

    /// Calls `body` with the UTF-8 of a string's value; without a copy unless the string has escapes.
    package func withUTF8<Result, Failure: Error>(
        of node: Int,
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let content = bytes.span.extracting(range(of: node))
        guard nodes[node].hasEscapes else { return try body(content) }
        return try body(JSONText.unescape(content).span)
    }

    /// The contents of a container, found while it is walked through.
    package struct Children: Sequence, IteratorProtocol, Sendable {
        @usableFromInline let nodes: [Node]
        @usableFromInline let end: Int
        /// How far behind a child the node is that knows the next child: a name is followed by its value.
        @usableFromInline let step: Int
        @usableFromInline var index: Int

        @inlinable
        init(of node: Int, nodes: [Node]) {
            self.nodes = nodes
            end = Int(nodes[node].next)
            step = nodes[node].kind == .object ? 1 : 0
            index = node + 1
        }

        @inlinable
        package mutating func next() -> Int? {
            guard index < end else { return nil }
            defer { index = Int(nodes[index + step].next) }
            return index
        }
    }
}
