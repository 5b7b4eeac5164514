/// The text of a literal in the form that its attribute is compared in.
struct PreparedText: Sendable {
    private let caseExact: Bool
    let text: String
    /// Where to go on in the literal after so many of its bytes have matched and the next has not (Knuth, Morris, Pratt); empty
    /// for a literal that is so short that no value makes looking for it at each place slow.
    private let fallbacks: [Int]

    /// Bytes of a literal that is looked for at each place of a value.
    private static let shortBytesMax = 1

    /// `comparison`: what the text is compared for; only where it is looked for at each place is more prepared.
    init(_ text: String, caseExact: Bool, for comparison: Filter.Operator) {
        self.caseExact = caseExact
        self.text = caseExact ? text : CasePreparation.prepare(text)
        let isSearched = comparison == .co && self.text.utf8.count > Self.shortBytesMax
        fallbacks = isSearched ? Self.fallbacks(self.text.utf8.span) : []
    }

    /// Compares a resource's text with the literal; orderings are by code point, without a locale.
    ///
    /// Takes time in proportion to the text, and what it costs out of the budget; may be wrong if that is spent then.
    func compare(_ value: String, _ comparison: Filter.Operator, _ budget: inout WorkBudget) -> Bool {
        let count = value.utf8.count
        // Only ASCII can be compared without preparing it, since its preparation is its lower case.
        let isPrepared = caseExact || value.utf8.allSatisfy { $0 < 0x80 }
        budget.spend(WorkCost.text(bytes: count, isASCII: isPrepared))
        if comparison == .co { budget.spend(count / 3) }
        guard !budget.isSpent else { return false }
        return isPrepared
            ? compareBytes(value, comparison, folding: !caseExact)
            : compareBytes(CasePreparation.prepare(value), comparison, folding: false)
    }

    /// The same for a text that is given as UTF-8.
    func compare(_ value: Span<UInt8>, _ comparison: Filter.Operator, _ budget: inout WorkBudget) -> Bool {
        var all: UInt8 = 0
        if !caseExact { for index in value.indices { all |= value[index] } }
        guard all < 0x80 else {
            let text = value.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
            return compare(text, comparison, &budget)
        }
        budget.spend(WorkCost.text(bytes: value.count, isASCII: true))
        if comparison == .co { budget.spend(value.count / 3) }
        guard !budget.isSpent else { return false }
        return compare(value, comparison, with: text.utf8.span, folding: !caseExact)
    }

    private func compareBytes(_ value: String, _ comparison: Filter.Operator, folding: Bool) -> Bool {
        let (value, literal) = (value.utf8, text.utf8)
        return compare(value.span, comparison, with: literal.span, folding: folding)
    }

    private func compare(
        _ value: Span<UInt8>,
        _ comparison: Filter.Operator,
        with literal: Span<UInt8>,
        folding: Bool
    ) -> Bool {
        switch comparison {
        case .eq: value.count == literal.count && Self.has(literal, in: value, at: 0, folding: folding)
        case .ne: !(value.count == literal.count && Self.has(literal, in: value, at: 0, folding: folding))
        case .sw: Self.has(literal, in: value, at: 0, folding: folding)
        case .ew: Self.has(literal, in: value, at: value.count - literal.count, folding: folding)
        case .co: contains(literal, in: value, folding: folding)
        case .gt, .ge, .lt, .le: comparison.holds(Self.order(value, literal, folding: folding), 0)
        }
    }

    private static func has(
        _ literal: Span<UInt8>,
        in value: Span<UInt8>,
        at offset: Int,
        folding: Bool
    ) -> Bool {
        guard offset >= 0, offset + literal.count <= value.count else { return false }
        for index in literal.indices where fold(value[offset + index], folding: folding) != literal[index] {
            return false
        }
        return true
    }

    private func contains(_ literal: Span<UInt8>, in value: Span<UInt8>, folding: Bool) -> Bool {
        guard literal.count <= value.count else { return false }
        guard fallbacks.isEmpty else { return search(literal, in: value, folding: folding) }
        for offset in 0...value.count - literal.count
        where Self.has(literal, in: value, at: offset, folding: folding) {
            return true
        }
        return false
    }

    /// Looks at each byte of the value once.
    private func search(_ literal: Span<UInt8>, in value: Span<UInt8>, folding: Bool) -> Bool {
        var matched = 0
        for index in value.indices {
            let byte = Self.fold(value[index], folding: folding)
            while matched > 0, literal[matched] != byte { matched = fallbacks[matched - 1] }
            if literal[matched] == byte { matched += 1 }
            if matched == literal.count { return true }
        }
        return false
    }

    /// For each beginning of the literal the length of the longest shorter beginning that it ends with.
    private static func fallbacks(_ literal: Span<UInt8>) -> [Int] {
        var fallbacks = [0]
        fallbacks.reserveCapacity(literal.count)
        for index in 1..<literal.count {
            var matched = fallbacks[index - 1]
            while matched > 0, literal[matched] != literal[index] { matched = fallbacks[matched - 1] }
            fallbacks.append(literal[matched] == literal[index] ? matched + 1 : 0)
        }
        return fallbacks
    }

    /// Below, at or above zero as the value sorts before, with or after the literal.
    private static func order(_ value: Span<UInt8>, _ literal: Span<UInt8>, folding: Bool) -> Int {
        for index in 0..<min(value.count, literal.count) {
            let byte = fold(value[index], folding: folding)
            if byte != literal[index] { return byte < literal[index] ? -1 : 1 }
        }
        return value.count - literal.count
    }

    private static func fold(_ byte: UInt8, folding: Bool) -> UInt8 {
        folding && (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }
}
