import JSON

// A filter over the bytes of a stored resource, so that looking at many makes no values of them. What it finds is what
// ``BoundFilter/matches(_:_:)`` finds in the resource that is read from them.

/// The times of a resource, which are not in its JSON text.
package struct StoredTimes: Sendable {
    package let created: Timestamp
    package let lastModified: Timestamp

    /// As clients see them.
    package init(created: Timestamp, lastModified: Timestamp) {
        self.created = created.shown
        self.lastModified = lastModified.shown
    }
}

extension BoundFilter {
    /// Whether ``matches(stored:times:_:)`` can tell.
    ///
    /// `derived`: attributes that are not in the text.
    package func looksAtStoredAlone(derived: [String]) -> Bool { root.looksAtStoredAlone(derived) }

    /// Whether a resource fulfils the filter; as ``matches(_:_:)``.
    ///
    /// `json`: the resource as it is stored.
    package func matches(
        stored json: Span<UInt8>,
        times: StoredTimes,
        _ budget: inout WorkBudget
    ) -> Bool {
        budget.spend(WorkCost.copying(bytes: json.count))
        guard json.count >= 2, json[0] == UInt8(ascii: "{") else { return false }
        return root.holds(inObjectAt: 0, of: json, times, &budget)
    }
}

extension BoundFilter.Node {
    private static let meta = CommonAttributes.meta.name

    fileprivate func looksAtStoredAlone(_ derived: [String]) -> Bool {
        switch self {
        case .all(let nodes), .any(let nodes): nodes.allSatisfy { $0.looksAtStoredAlone(derived) }
        case .not(let node): node.looksAtStoredAlone(derived)
        case .element(let names, _): names[0] != Self.meta && !derived.contains(names[0])
        case .test(let place, _): !derived.contains(place.names[0]) && Self.isStored(place.names)
        }
    }

    /// Of what the server knows of a resource, only the times are stored.
    private static func isStored(_ names: [String]) -> Bool {
        names[0] != meta || names.count == 2 && (names[1] == "created" || names[1] == "lastModified")
    }

    fileprivate func holds(
        inObjectAt start: Int,
        of text: Span<UInt8>,
        _ times: StoredTimes,
        _ budget: inout WorkBudget
    ) -> Bool {
        guard !budget.isSpent else { return false }
        switch self {
        case .all(let nodes):
            for node in nodes where !node.holds(inObjectAt: start, of: text, times, &budget) { return false }
            return true
        case .any(let nodes):
            for node in nodes where node.holds(inObjectAt: start, of: text, times, &budget) { return true }
            return false
        case .not(let node): return !node.holds(inObjectAt: start, of: text, times, &budget)
        case .element(let names, let node):
            return StoredSearch(names: names, absent: nil, sought: .node(node))
                .isFound(0, inObjectAt: start, of: text, times, &budget)
        case .test(let place, let test):
            if place.names[0] == Self.meta, place.names.count == 2 {
                return test.holds(place.names[1] == "created" ? times.created : times.lastModified, &budget)
            }
            guard test.isAboutPresence else {
                return StoredSearch(names: place.names, absent: place.absent, sought: .test(test))
                    .isFound(0, inObjectAt: start, of: text, times, &budget)
            }
            return test.holds(
                StoredSearch(names: place.names, absent: nil, sought: .presence)
                    .isFound(0, inObjectAt: start, of: text, times, &budget)
            )
        }
    }
}

/// Looks at every value at some names until one is what is sought.
private struct StoredSearch {
    enum Sought {
        case test(FilterTest)
        case presence
        case node(BoundFilter.Node)
    }

    let names: [String]
    let absent: JSONValue?
    let sought: Sought

    /// `depth`: how many of the names have been followed.
    func isFound(
        _ depth: Int,
        inObjectAt start: Int,
        of text: Span<UInt8>,
        _ times: StoredTimes,
        _ budget: inout WorkBudget
    ) -> Bool {
        guard depth < names.count else { return isMet(byValueAt: start, of: text, times, &budget) }
        guard let value = StoredJSON.member(names[depth].utf8.span, ofObjectAt: start, in: text) else {
            return isMet(by: depth == names.count - 1 ? absent : nil, &budget)
        }
        return isFound(depth + 1, inValueAt: value, of: text, times, &budget)
    }

    private func isFound(
        _ depth: Int,
        inValueAt start: Int,
        of text: Span<UInt8>,
        _ times: StoredTimes,
        _ budget: inout WorkBudget
    ) -> Bool {
        switch text[start] {
        case UInt8(ascii: "["):
            guard var element = StoredJSON.first(in: start, text) else { return isMet(by: nil, &budget) }
            while true {
                if isFound(depth, inValueAt: element, of: text, times, &budget) { return true }
                guard let next = StoredJSON.next(behindValueAt: element, text) else { return false }
                element = next
            }
        case UInt8(ascii: "{"): return isFound(depth, inObjectAt: start, of: text, times, &budget)
        default:
            guard depth == names.count else { return isMet(by: nil, &budget) }
            return isMet(byValueAt: start, of: text, times, &budget)
        }
    }

    /// Whether a value that is not there, or is given instead, is what is sought.
    private func isMet(by value: JSONValue?, _ budget: inout WorkBudget) -> Bool {
        guard case .test(let test) = sought else {
            budget.spend(WorkCost.value)
            return false
        }
        return test.holds(value, &budget)
    }

    private func isMet(
        byValueAt start: Int,
        of text: Span<UInt8>,
        _ times: StoredTimes,
        _ budget: inout WorkBudget
    ) -> Bool {
        switch sought {
        case .test(let test): return test.holds(valueAt: start, of: text, &budget)
        case .presence:
            budget.spend(WorkCost.value)
            return Self.isPresent(at: start, text)
        case .node(let node):
            budget.spend(WorkCost.value)
            if text[start] == UInt8(ascii: "{") {
                return node.holds(inObjectAt: start, of: text, times, &budget)
            }
            guard let value = JSONValue(storedAt: start, in: text) else { return false }
            return node.holds(in: JSONObject(uniqueMembers: [.init(name: "value", value: value)]), &budget)
        }
    }

    /// As ``FilterTest/isPresent(_:)``.
    private static func isPresent(at start: Int, _ text: Span<UInt8>) -> Bool {
        switch text[start] {
        case UInt8(ascii: "n"): return false
        case UInt8(ascii: "\""): return !StoredJSON.string(at: start, in: text).content.isEmpty
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            let isObject = text[start] == UInt8(ascii: "{")
            var place = StoredJSON.first(in: start, text)
            while let at = place {
                let value = isObject ? StoredJSON.value(ofMemberAt: at, text) : at
                guard value < text.count else { return false }
                if isPresent(at: value, text) { return true }
                place = StoredJSON.next(behindValueAt: value, text)
            }
            return false
        default: return true
        }
    }
}

extension FilterTest {
    fileprivate func holds(valueAt start: Int, of text: Span<UInt8>, _ budget: inout WorkBudget) -> Bool {
        if case .text(let comparison, let literal) = self, text[start] == UInt8(ascii: "\"") {
            budget.spend(WorkCost.value)
            let place = StoredJSON.string(at: start, in: text)
            if place.isPlain { return literal.compare(text.extracting(place.content), comparison, &budget) }
        }
        return holds(JSONValue(storedAt: start, in: text), &budget)
    }

    fileprivate func holds(_ time: Timestamp, _ budget: inout WorkBudget) -> Bool {
        guard case .time(let comparison, let literal) = self else {
            return isAboutPresence ? holds(true) : holds(.string(time.text), &budget)
        }
        budget.spend(WorkCost.value)
        return comparison.holds(time, literal)
    }
}

extension JSONValue {
    /// The value that begins at a place of a stored text.
    fileprivate init?(storedAt start: Int, in text: Span<UInt8>) {
        let bytes = text.extracting(start..<StoredJSON.end(ofValueAt: start, in: text))
        guard
            let value = try? JSONValue(parsing: bytes.withUnsafeBufferPointer { Array($0) }, limits: .stored)
        else { return nil }
        self = value
    }
}
