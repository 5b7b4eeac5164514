import HTTP
import Tenancy

extension ActivityQuery {
    /// What a list was asked for with, by its target; nothing for other requests, and for lists that are asked for by POST.
    ///
    /// Compares bytes where they lie: a list that is asked for often must not allocate for it.
    init(_ exchange: borrowing Exchange) {
        self.init()
        guard exchange.request.method == .get else { return }
        switch exchange.place {
        case .users, .groups, .resources, .root: break
        default: return
        }
        self = exchange.request.target.withQueryBytes { Self($0) }
    }

    /// Reads a query: its parameters by their names, which are all lower case or `startIndex`, and of the filter the beginning.
    init(_ query: Span<UInt8>) {
        self.init()
        var start = 0
        while start < query.count {
            var end = start
            while end < query.count, query[end] != UInt8(ascii: "&") { end += 1 }
            read(query.extracting(start..<end))
            start = end + 1
        }
    }

    private mutating func read(_ parameter: Span<UInt8>) {
        guard parameter.count > 4 else { return }
        switch parameter[0] {
        case UInt8(ascii: "f") where Self.begins(parameter, "filter="):
            traits.insert(.filter)
            readFilter(parameter.extracting(droppingFirst: 7))
        case UInt8(ascii: "s") where Self.begins(parameter, "startIndex="): traits.insert(.page)
        case UInt8(ascii: "s") where Self.begins(parameter, "sortBy="): traits.insert(.sort)
        case UInt8(ascii: "c") where Self.begins(parameter, "count="): traits.insert(.page)
        case UInt8(ascii: "c") where Self.begins(parameter, "cursor"): traits.insert(.cursor)
        default: break
        }
    }

    /// The attribute and the operator at the beginning of a filter, and whether it goes on behind the first value.
    private mutating func readFilter(_ filter: Span<UInt8>) {
        var place = 0
        let attributeStart = Self.skipSpaces(filter, &place)
        while place < filter.count, Self.isNameByte(filter[place]) { place += 1 }
        attribute = Self.place(of: filter.extracting(attributeStart..<place), in: Self.foldedAttributes)
        let operatorStart = Self.skipSpaces(filter, &place)
        guard operatorStart + 2 <= filter.count else { return }
        comparison = Self.place(
            of: filter.extracting(operatorStart..<operatorStart + 2),
            in: Self.foldedOperators
        )
        // Behind the value, which may be quoted, nothing but its end is expected.
        place = operatorStart + 2
        _ = Self.skipSpaces(filter, &place)
        if Self.skipQuote(filter, &place) {
            while place < filter.count, !Self.skipQuote(filter, &place) { place += 1 }
        } else {
            while place < filter.count, !Self.isSpace(filter, place) { place += 1 }
        }
        _ = Self.skipSpaces(filter, &place)
        if place < filter.count { traits.insert(.furtherTerms) }
    }

    private static let foldedAttributes = attributes.map { Array($0.lowercased().utf8) }
    private static let foldedOperators = operators.map { Array($0.utf8) }

    /// The place of a word in a list, from 1; 0 if it is in none.
    private static func place(of word: Span<UInt8>, in words: [[UInt8]]) -> UInt8 {
        for index in words.indices where words[index].count == word.count {
            var position = 0
            while position < word.count,
                word[position] | (isLetter(word[position]) ? 0x20 : 0) == words[index][position]
            {
                position += 1
            }
            if position == word.count { return UInt8(index + 1) }
        }
        return 0
    }

    private static func begins(_ bytes: Span<UInt8>, _ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count >= count else { return false }
        return text.withUTF8Buffer { text in
            for index in 0..<count where bytes[index] != text[index] { return false }
            return true
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        isLetter(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    /// Moves on past spaces: `+`, `%20` and a space itself.
    private static func skipSpaces(_ bytes: Span<UInt8>, _ place: inout Int) -> Int {
        while place < bytes.count, isSpace(bytes, place) {
            place += bytes[place] == UInt8(ascii: "%") ? 3 : 1
        }
        return place
    }

    private static func isSpace(_ bytes: Span<UInt8>, _ place: Int) -> Bool {
        bytes[place] == UInt8(ascii: "+") || isEncoded(bytes, place, UInt8(ascii: "2"), UInt8(ascii: "0"))
    }

    /// Moves on past a quotation mark, if there is one.
    private static func skipQuote(_ bytes: Span<UInt8>, _ place: inout Int) -> Bool {
        guard place < bytes.count else { return false }
        if bytes[place] == UInt8(ascii: "\"") {
            place += 1
        } else if isEncoded(bytes, place, UInt8(ascii: "2"), UInt8(ascii: "2")) {
            place += 3
        } else {
            return false
        }
        return true
    }

    private static func isEncoded(_ bytes: Span<UInt8>, _ place: Int, _ first: UInt8, _ second: UInt8) -> Bool
    {
        bytes.count - place >= 3 && bytes[place] == UInt8(ascii: "%") && bytes[place + 1] == first
            && bytes[place + 2] == second
    }
}
