/// What a client, or a server that we ask, may send before it is refused; every bound of the parsers is one of these.
package struct Limits: Sendable, Hashable {
    /// Longest request line without its CR LF.
    ///
    /// A filter of 8 KiB fits when percent-encoded.
    package var requestLineBytesMax = 16 * 1024
    /// Longest status line of an answer without its CR LF.
    package var statusLineBytesMax = 1024
    /// Longest method; beyond it the request is not implemented (RFC 9112 §3).
    package var methodBytesMax = 20
    /// Longest single field line without its CR LF.
    package var fieldLineBytesMax = 16 * 1024
    /// All field lines of one head together, their CR LFs and the final empty line included.
    package var fieldsBytesMax = 32 * 1024
    package var fieldCountMax = 100
    /// Largest content, after chunked decoding.
    package var bodyBytesMax = 1024 * 1024
    /// All chunk extensions of one message together.
    package var chunkExtensionBytesMax = 4 * 1024
    /// All trailer lines of one message together, their CR LFs and the final empty line included.
    package var trailerBytesMax = 8 * 1024

    /// The defaults; change single bounds on the value.
    package init() {}
}
