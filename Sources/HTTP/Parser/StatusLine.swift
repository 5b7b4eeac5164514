// RFC 9112 §4: status-line = HTTP-version SP status-code SP [ reason-phrase ]. Deviation: the second space may be missing
// where no reason phrase follows, as some servers send it; that can be read in one way only.

/// Version and code of an answer; its reason phrase is checked and dropped.
struct StatusLine: Sendable {
    let status: Status
    let isHTTP10: Bool

    private static let versionByteCount = 8
    private static let codeEnd = 12

    /// Reads the status line in `range` of `bytes`, as ``LineEnd`` found it, without its CR LF.
    init(parsing bytes: Span<UInt8>, in range: Range<Int>) throws(Rejection) {
        let line = bytes.extracting(range)
        guard line.count >= Self.codeEnd else { throw .malformed("the status line is too short") }
        let prefix = "HTTP/1.".utf8Span.span
        for index in prefix.indices where line[index] != prefix[index] {
            throw .malformed("the status line does not begin with a version")
        }
        guard line[7] == UInt8(ascii: "1") || line[7] == UInt8(ascii: "0") else {
            throw .malformed("the version is neither HTTP/1.1 nor HTTP/1.0")
        }
        isHTTP10 = line[7] == UInt8(ascii: "0")
        guard line[Self.versionByteCount] == ASCII.space else {
            throw .malformed("the version is not followed by a space")
        }
        var code: UInt16 = 0
        for index in (Self.versionByteCount + 1)..<Self.codeEnd {
            guard (0x30...0x39).contains(line[index]) else {
                throw .malformed("the status code is no number of three digits")
            }
            code = code * 10 + UInt16(line[index] &- 0x30)
        }
        guard (100...599).contains(code) else {
            throw .malformed("the status code is not between 100 and 599")
        }
        guard line.count == Self.codeEnd || line[Self.codeEnd] == ASCII.space else {
            throw .malformed("the status code is not followed by a space")
        }
        status = Status(code, "")
    }
}
