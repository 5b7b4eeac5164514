import Reactor

// The PROXY protocol, versions 1 and 2, §2 of its specification (https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt).

/// The header with which a proxy begins a connection: for whom it was made.
///
/// ```
///   PROXY TCP4 198.51.100.7 203.0.113.9 51324 8443 CR LF                                                      version 1
///   12 bytes of signature │ version, command │ family │ length │ addresses │ whatever the proxy adds          version 2
/// ```
struct ProxyHeader: Equatable, Sendable {
    /// What became of the bytes so far.
    enum Step: Equatable, Sendable {
        /// They may yet be a header.
        case needMore
        case header(ProxyHeader)
        /// They are none, nor is anything that begins with them.
        case malformed
    }

    /// How many bytes it has; what follows is the client's.
    let length: Int
    /// Who has connected to the proxy; nil if the proxy speaks for itself, or does not tell.
    let source: SocketAddress?

    /// Reads the front of what a connection has brought.
    static func read(_ bytes: [UInt8]) -> Step {
        let bytes = bytes.prefix(TrustedProxies.headerBytesMax)
        if signature.starts(with: bytes.prefix(signature.count)) { return readBinary(bytes) }
        if prefixOfText.starts(with: bytes.prefix(prefixOfText.count)) { return readText(bytes) }
        return .malformed
    }
}

// MARK: - Version 1

extension ProxyHeader {
    /// With its CR LF.
    private static let lineBytesMax = 107
    private static let prefixOfText = Array("PROXY ".utf8)

    private static func readText(_ bytes: ArraySlice<UInt8>) -> Step {
        let bytes = bytes.prefix(lineBytesMax)
        guard let end = bytes.firstIndex(of: 0x0A) else {
            return bytes.count == lineBytesMax ? .malformed : .needMore
        }
        guard bytes[end - 1] == 0x0D else { return .malformed }
        let length = end + 1
        let words = bytes[..<(end - 1)].split(separator: 0x20, omittingEmptySubsequences: false)
        // What stands behind UNKNOWN has to be ignored.
        if words[1].elementsEqual("UNKNOWN".utf8) { return .header(ProxyHeader(length: length, source: nil)) }
        let isIPv6 = words[1].elementsEqual("TCP6".utf8)
        guard isIPv6 || words[1].elementsEqual("TCP4".utf8), words.count == 6,
            let source = address(words[2], isIPv6), address(words[3], isIPv6) != nil, isPort(words[4]),
            isPort(words[5])
        else { return .malformed }
        return .header(ProxyHeader(length: length, source: source))
    }

    private static func address(_ word: ArraySlice<UInt8>, _ isIPv6: Bool) -> SocketAddress? {
        guard word.contains(UInt8(ascii: ":")) == isIPv6 else { return nil }
        return SocketAddress(numeric: String(decoding: word, as: UTF8.self))
    }

    private static func isPort(_ word: ArraySlice<UInt8>) -> Bool {
        let text = String(decoding: word, as: UTF8.self)
        return text.utf8.first != UInt8(ascii: "+") && UInt16(text).map { "\($0)" } == text
    }
}

// MARK: - Version 2

extension ProxyHeader {
    private static let signature: [UInt8] = [
        0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A,
    ]
    private static let fixedBytes = 16

    private static func readBinary(_ bytes: ArraySlice<UInt8>) -> Step {
        guard bytes.count >= fixedBytes else { return .needMore }
        let length = fixedBytes + (Int(bytes[14]) << 8 | Int(bytes[15]))
        guard length <= TrustedProxies.headerBytesMax else { return .malformed }
        let step: Step
        switch bytes[12] {
        case 0x20: step = .header(ProxyHeader(length: length, source: nil))
        case 0x21: step = told(bytes, length)
        default: return .malformed
        }
        return step == .malformed || bytes.count >= length ? step : .needMore
    }

    /// What a proxy tells that asks for somebody, by the family of the addresses.
    private static func told(_ bytes: ArraySlice<UInt8>, _ length: Int) -> Step {
        // How many bytes both addresses with their ports have, and the source alone; nil where that is no IP address.
        let sizes: (both: Int, source: Int)?
        switch bytes[13] {
        case 0x00: sizes = nil
        case 0x11: sizes = (12, 4)
        case 0x21: sizes = (36, 16)
        // Two paths of Unix sockets.
        case 0x31:
            return length < fixedBytes + 216 ? .malformed : .header(ProxyHeader(length: length, source: nil))
        default: return .malformed
        }
        guard let sizes else { return .header(ProxyHeader(length: length, source: nil)) }
        guard length >= fixedBytes + sizes.both else { return .malformed }
        guard bytes.count >= length else { return .needMore }
        let number = bytes[fixedBytes..<(fixedBytes + sizes.source)].reduce(UInt128(0)) {
            $0 << 8 | UInt128($1)
        }
        let mapped: UInt128 = sizes.source == 4 ? 0xFFFF << 32 | number : number
        return .header(ProxyHeader(length: length, source: SocketAddress(number: mapped, port: 0)))
    }
}
