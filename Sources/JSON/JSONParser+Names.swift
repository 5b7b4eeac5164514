// RFC 8259 §4 leaves open what an object means that names a member twice; two readers of one text must never differ.

extension JSONParser {
    /// Objects with more members than this are checked with a table of names.
    private static let comparedPairwiseMax = 16

    /// Refuses an object that names a member twice, after unescaping.
    ///
    /// Takes time linear in the object's text: each name sets one of 64 marks; only when the mark was set already, the names before it are looked at.
    func refuseDuplicateNames(in container: Int, _ text: Span<UInt8>) throws(JSONError) {
        var marks: UInt64 = 0
        var count = 0
        var name = container + 1
        while name < nodes.count {
            guard count < Self.comparedPairwiseMax, !nodes[name].hasEscapes else {
                return try refuseDuplicatesByTable(in: container, text)
            }
            let mark = mark(of: nodes[name], text)
            if marks & mark != 0 { try compareWithNamesBefore(name, in: container, text) }
            marks |= mark
            count += 1
            name = Int(nodes[name + 1].next)
        }
    }

    @inline(__always)
    private func mark(of name: JSONDocument.Node, _ text: Span<UInt8>) -> UInt64 {
        // The ends of names differ more than other places do. An empty name stands before a quotation mark.
        let first = UInt32(text[Int(name.start)])
        let last = UInt32(text[Int(name.end) - 1])
        let mixed = (first &* 31 &+ last &* 7 &+ (name.end - name.start)) &* 0x9E37_79B1
        return 1 << UInt64(mixed &>> 26)
    }

    private func compareWithNamesBefore(_ name: Int, in container: Int, _ text: Span<UInt8>) throws(JSONError)
    {
        let content = text.extracting(nodes[name].range)
        var other = container + 1
        while other < name {
            if JSONText.areEqual(text.extracting(nodes[other].range), content) {
                throw JSONError(.duplicateMember, at: Int(nodes[name].start))
            }
            other = Int(nodes[other + 1].next)
        }
    }

    /// Refuses with a table by open addressing, of which half of the slots stay empty.
    ///
    /// A slot holds a name's node, or 0, which is never a name. The hash has a seed of its own in each process.
    private func refuseDuplicatesByTable(in container: Int, _ text: Span<UInt8>) throws(JSONError) {
        var count = 0
        var name = container + 1
        while name < nodes.count {
            count += 1
            name = Int(nodes[name + 1].next)
        }
        let mask = 1 << (Int.bitWidth - (2 * count).leadingZeroBitCount) - 1
        var slots = [UInt32](repeating: 0, count: mask + 1)
        name = container + 1
        while name < nodes.count {
            var slot = hash(of: nodes[name], text) & mask
            while slots[slot] != 0 {
                if areEqual(nodes[Int(slots[slot])], nodes[name], text) {
                    throw JSONError(.duplicateMember, at: Int(nodes[name].start))
                }
                slot = (slot + 1) & mask
            }
            slots[slot] = UInt32(truncatingIfNeeded: name)
            name = Int(nodes[name + 1].next)
        }
    }

    private func hash(of name: JSONDocument.Node, _ text: Span<UInt8>) -> Int {
        var hasher = Hasher()
        if name.hasEscapes {
            JSONText.hash(JSONText.unescape(text.extracting(name.range)).span, into: &hasher)
        } else {
            JSONText.hash(text.extracting(name.range), into: &hasher)
        }
        return hasher.finalize()
    }

    private func areEqual(
        _ left: JSONDocument.Node,
        _ right: JSONDocument.Node,
        _ text: Span<UInt8>
    ) -> Bool {
        guard left.hasEscapes || right.hasEscapes else {
            return JSONText.areEqual(text.extracting(left.range), text.extracting(right.range))
        }
        return JSONText.unescape(text.extracting(left.range))
            == JSONText.unescape(text.extracting(right.range))
    }
}
