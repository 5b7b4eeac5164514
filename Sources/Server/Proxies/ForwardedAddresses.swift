import HTTP
import Reactor

// RFC 7239 §4: the grammar of Forwarded. X-Forwarded-For has no standard: addresses between commas, and some proxies put a
// port behind them.

/// What the fields of a request tell of its way, from the nearest proxy to the client.
///
/// ```
///   X-Forwarded-For: what the client wrote, 198.51.100.7, 203.0.113.9
///                                           ◄──────────── read in this direction
/// ```
///
/// What stands on the left is the client's own, and may be anything. So an element is found from its end, and what is in
/// front of it has no say in where it begins.
struct ForwardedAddresses {
    /// One station of the way.
    enum Element: Equatable {
        case address(SocketAddress)
        /// `unknown`, a name that a proxy has made up, or nothing that can be understood.
        case other
    }

    private let source: TrustedProxies.Source
    /// The lines that are not used up, each as far as it is not.
    private var lines: [ArraySlice<UInt8>]

    init(_ fields: Fields, source: TrustedProxies.Source) {
        self.source = source
        let name: FieldName = source == .forwarded ? .forwarded : .xForwardedFor
        lines = fields.all(name).map { ArraySlice($0.utf8) }
    }

    /// The address of the client: the nearest one that is no trusted proxy's.
    ///
    /// Where the way gets lost, that is the last proxy that could be told; nil if there is none, or no field.
    static func client(of fields: Fields, _ proxies: TrustedProxies) -> SocketAddress? {
        var elements = ForwardedAddresses(fields, source: proxies.source)
        var nearest: SocketAddress?
        for _ in 0..<TrustedProxies.hopsMax {
            guard case .address(let address) = elements.next() else { break }
            nearest = address
            guard proxies.contains(address) else { break }
        }
        return nearest
    }

    /// The element before those that were taken; nil at the beginning.
    mutating func next() -> Element? {
        while let line = lines.popLast() {
            guard !line.isEmpty else { continue }
            guard let element = Self.lastElement(of: line, source) else {
                lines = []
                return .other
            }
            if element.startIndex > line.startIndex { lines.append(line[..<(element.startIndex - 1)]) }
            // RFC 9110 §5.6.1.2: a list may have empty elements, which do not count.
            if element.trimmed.isEmpty { continue }
            return source == .forwarded ? Self.forwarded(element) : Self.address(element.trimmed)
        }
        return nil
    }

    /// What stands behind the last comma outside of quotation marks; nil if quotation marks are not in order.
    ///
    /// No address needs a backslash, so that a quotation mark always opens or closes.
    private static func lastElement(
        of line: ArraySlice<UInt8>,
        _ source: TrustedProxies.Source
    ) -> ArraySlice<UInt8>? {
        var isQuoted = false
        for index in line.indices.reversed() {
            switch line[index] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                guard source == .forwarded, line[index] == UInt8(ascii: "\"") else { return nil }
                isQuoted.toggle()
            case UInt8(ascii: ",") where !isQuoted: return line[(index + 1)...]
            default: break
            }
        }
        return isQuoted ? nil : line
    }

    /// The address behind `for=` in an element that has one such pair.
    private static func forwarded(_ element: ArraySlice<UInt8>) -> Element {
        var found: Element?
        for pair in split(element) {
            guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else { return .other }
            let name = String(decoding: pair[..<equals], as: UTF8.self)
            guard name.lowercased() == "for" else { continue }
            guard found == nil else { return .other }
            found = address(unquoted(pair[(equals + 1)...]))
        }
        return found ?? .other
    }

    /// The pairs between semicolons outside of quotation marks, which are in order.
    private static func split(_ element: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        var isQuoted = false
        return element.split { byte in
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            return byte == UInt8(ascii: ";") && !isQuoted
        }
        .map(\.trimmed)
    }

    private static func unquoted(_ value: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard value.count >= 2, value.first == UInt8(ascii: "\""), value.last == UInt8(ascii: "\"") else {
            return value
        }
        return value.dropFirst().dropLast()
    }

    /// `192.0.2.7`, `192.0.2.7:4711`, `2001:db8::7`, `[2001:db8::7]` or `[2001:db8::7]:4711`.
    private static func address(_ node: ArraySlice<UInt8>) -> Element {
        var text = node
        var isBracketed = false
        if let close = text.firstIndex(of: UInt8(ascii: "]")) {
            guard text.first == UInt8(ascii: "["), isPort(text[(close + 1)...]) else { return .other }
            text = text[..<close].dropFirst()
            isBracketed = true
        } else if let colon = text.firstIndex(of: UInt8(ascii: ":")), text[..<colon].contains(0x2E) {
            guard isPort(text[colon...]) else { return .other }
            text = text[..<colon]
        }
        guard let address = SocketAddress(numeric: String(decoding: text, as: UTF8.self)),
            !isBracketed || text.contains(UInt8(ascii: ":"))
        else { return .other }
        return .address(address)
    }

    /// Nothing, or a colon and a port or the name that stands for one (RFC 7239 §6.3).
    private static func isPort(_ text: ArraySlice<UInt8>) -> Bool {
        guard let colon = text.first else { return true }
        return colon == UInt8(ascii: ":") && (2...32).contains(text.count)
            && text.dropFirst().allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
                    || [0x2E, 0x2D, 0x5F].contains(byte)
            }
    }
}

extension ArraySlice<UInt8> {
    /// Without blanks and tabs around it.
    fileprivate var trimmed: ArraySlice<UInt8> {
        let isBlank: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
        guard let last = lastIndex(where: { !isBlank($0) }) else { return [] }
        return self[...last].drop(while: isBlank)
    }
}
