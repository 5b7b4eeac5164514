// RFC 9112 §3: request-line = method SP request-target SP HTTP-version, with exactly one space at both places.

/// Method, target and minor version of a request.
struct RequestLine: Sendable {
    let method: Method
    let target: Target.Parts
    let isHTTP10: Bool

    /// Reads the request line in `range` of `bytes`, which excludes the CR LF.
    ///
    /// `known`: a target that was accepted, see ``TargetParser/parse(_:in:like:)``.
    init(
        parsing bytes: Span<UInt8>,
        in range: Range<Int>,
        like known: Target? = nil,
        limits: Limits
    ) throws(Rejection) {
        var methodEnd = range.lowerBound
        while methodEnd < range.upperBound, ByteSet.token.contains(bytes[methodEnd]) { methodEnd += 1 }
        guard methodEnd > range.lowerBound, methodEnd < range.upperBound, bytes[methodEnd] == ASCII.space
        else {
            throw .malformed("the request line does not begin with a method and a space")
        }
        guard methodEnd - range.lowerBound <= limits.methodBytesMax else { throw .methodNotImplemented }
        method = Self.method(bytes.extracting(range.lowerBound..<methodEnd))

        let targetStart = methodEnd + 1
        let targetEnd = bytes.firstIndex(of: ASCII.space, in: targetStart..<range.upperBound)
        guard targetEnd < range.upperBound else { throw .malformed("the request line has no version") }
        isHTTP10 = try Self.isHTTP10(bytes.extracting((targetEnd + 1)..<range.upperBound))
        if case .other("CONNECT") = method { throw .methodNotImplemented }
        target = try TargetParser.parse(bytes, in: targetStart..<targetEnd, like: known)
        guard !target.isAsterisk || method == .options else {
            throw .malformed("only OPTIONS has the target *")
        }
    }

    private static func method(_ bytes: Span<UInt8>) -> Method {
        var packed: UInt64 = 0
        if bytes.count <= 8 {
            for index in bytes.indices { packed = packed << 8 | UInt64(bytes[index]) }
        }
        switch packed {
        case 0x47_4554: return .get
        case 0x4845_4144: return .head
        case 0x504F_5354: return .post
        case 0x50_5554: return .put
        case 0x50_4154_4348: return .patch
        case 0x4445_4C45_5445: return .delete
        case 0x4F_5054_494F_4E53: return .options
        default: return .other(String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self))
        }
    }

    /// Accepts `HTTP/1.1` and `HTTP/1.0`, in capitals (RFC 9112 §2.3); other version numbers are told apart from
    /// what is no version at all.
    private static func isHTTP10(_ version: Span<UInt8>) throws(Rejection) -> Bool {
        let name = "HTTP/".utf8Span.span
        guard version.count == 8, version[6] == ASCII.dot, isDigit(version[5]), isDigit(version[7]) else {
            throw .malformed("the request line does not end with a version")
        }
        for index in name.indices where version[index] != name[index] {
            throw .malformed("the request line does not end with a version")
        }
        guard version[5] == UInt8(ascii: "1"), version[7] <= UInt8(ascii: "1") else {
            throw .unsupportedVersion
        }
        return version[7] == UInt8(ascii: "0")
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
