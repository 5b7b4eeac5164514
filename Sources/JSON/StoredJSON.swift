/// Finds values in a JSON text that this program has written, without making a tree of it.
///
/// Such a text has no white space, and its names need no escapes. Every function stops at the end of a text that is damaged.
package enum StoredJSON {
    /// Where a string lies.
    package struct StringPlace {
        /// What is between the quotation marks.
        package let content: Range<Int>
        /// Whether the content is the string: nothing in it is escaped.
        package let isPlain: Bool
    }

    /// Where a member of an object lies.
    package struct MemberPlace {
        /// The name, without its quotation marks.
        package let name: Range<Int>
        package let value: Range<Int>
    }

    /// The member that begins at a place; nil if the text is damaged there.
    package static func member(at start: Int, in text: Span<UInt8>) -> MemberPlace? {
        guard start < text.count, text[start] == quote else { return nil }
        let end = endOfString(at: start, in: text)
        guard end - 1 > start, end < text.count, text[end] == UInt8(ascii: ":") else { return nil }
        let endOfValue = self.end(ofValueAt: end + 1, in: text)
        guard end + 1 < endOfValue, endOfValue < text.count else { return nil }
        return MemberPlace(name: start + 1..<end - 1, value: end + 1..<endOfValue)
    }

    /// Whether what lies at a place has the bytes of a text.
    package static func isText(_ place: Range<Int>, _ wanted: String, in text: Span<UInt8>) -> Bool {
        // The lengths differ nearly always, which spares looking at the text.
        place.count == wanted.utf8.count && JSONText.areEqual(text.extracting(place), wanted.utf8.span)
    }

    /// The value that lies at a place, as a tree; nil if the text is damaged there.
    package static func value(at place: Range<Int>, in text: Span<UInt8>) -> JSONValue? {
        let content = text.extracting(place)
        if content.count >= 2, content[0] == quote, content[content.count - 1] == quote,
            JSONText.endOfPlainASCII(content, from: 1) == content.count - 1
        {
            return .string(JSONText.string(content.extracting(1..<content.count - 1), isASCII: true))
        }
        var bytes: [UInt8] = []
        JSONWriter.appendBytes(content, to: &bytes)
        return try? JSONValue(parsing: bytes, limits: .stored)
    }

    /// Where the value of a member begins; nil if the object has no member of the name.
    package static func member(_ name: Span<UInt8>, ofObjectAt start: Int, in text: Span<UInt8>) -> Int? {
        var index = start + 1
        while index < text.count, text[index] == quote {
            let first = index + 1
            let end = endOfString(at: index, in: text)
            let isFound =
                end - 1 - first == name.count && end <= text.count
                && JSONText.areEqual(text.extracting(first..<end - 1), name)
            // Behind the name comes a colon.
            guard !isFound else { return end + 1 < text.count ? end + 1 : nil }
            index = self.end(ofValueAt: end + 1, in: text)
            guard index < text.count, text[index] == UInt8(ascii: ",") else { return nil }
            index += 1
        }
        return nil
    }

    /// Where the first element of an array begins, or the first member of an object; nil if there is none.
    package static func first(in start: Int, _ text: Span<UInt8>) -> Int? {
        let first = start + 1
        return first < text.count && !isClosing(text[first]) ? first : nil
    }

    /// Where the element behind one begins, or the member behind a value; nil behind the last.
    package static func next(behindValueAt start: Int, _ text: Span<UInt8>) -> Int? {
        let end = end(ofValueAt: start, in: text)
        return end + 1 < text.count && text[end] == UInt8(ascii: ",") ? end + 1 : nil
    }

    /// Where the value of the member begins whose name begins at a place.
    package static func value(ofMemberAt start: Int, _ text: Span<UInt8>) -> Int {
        endOfString(at: start, in: text) + 1
    }

    /// The string that begins at a place.
    package static func string(at start: Int, in text: Span<UInt8>) -> StringPlace {
        let plain = JSONText.endOfPlain(text, from: min(start + 1, text.count))
        guard plain < text.count, text[plain] != quote else {
            return StringPlace(content: min(start + 1, plain)..<plain, isPlain: true)
        }
        let end = endOfString(at: start, in: text)
        return StringPlace(content: min(start + 1, end - 1)..<end - 1, isPlain: false)
    }

    /// Behind a value.
    package static func end(ofValueAt start: Int, in text: Span<UInt8>) -> Int {
        guard start < text.count else { return text.count }
        switch text[start] {
        case quote: return endOfString(at: start, in: text)
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            var depth = 1
            var index = start + 1
            while index < text.count {
                switch text[index] {
                case quote:
                    index = endOfString(at: index, in: text)
                    continue
                case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
                case UInt8(ascii: "}"), UInt8(ascii: "]"):
                    depth -= 1
                    if depth == 0 { return index + 1 }
                default: break
                }
                index += 1
            }
            return text.count
        default:
            var index = start
            while index < text.count, text[index] != UInt8(ascii: ","), !isClosing(text[index]) { index += 1 }
            return index
        }
    }

    private static let quote = UInt8(ascii: "\"")

    private static func isClosing(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]")
    }

    /// Behind the quotation mark that ends a string.
    private static func endOfString(at start: Int, in text: Span<UInt8>) -> Int {
        var index = min(start + 1, text.count)
        while true {
            index = JSONText.endOfPlain(text, from: index)
            guard index < text.count else { return text.count }
            if text[index] == quote { return index + 1 }
            // What is escaped is no end; the rest of a longer escape is plain.
            index = min(index + (text[index] == UInt8(ascii: "\\") ? 2 : 1), text.count)
        }
    }
}
