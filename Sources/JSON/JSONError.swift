/// How large and deep a JSON text may be.
package struct JSONLimits: Sendable {
    package let bytesMax: Int
    /// Containers inside each other; `[]` has depth 1.
    package let depthMax: Int

    package init(bytesMax: Int, depthMax: Int) {
        self.bytesMax = min(bytesMax, Int(UInt32.max) - 1)
        self.depthMax = depthMax
    }

    /// For texts from outside: 64 MiB, as much as a listener may take, 32 deep.
    ///
    /// A request's body is limited further by the listener.
    package static let `default` = JSONLimits(bytesMax: 64 << 20, depthMax: 32)

    /// For texts that this program wrote itself.
    package static let stored = JSONLimits(bytesMax: 16 << 20, depthMax: 64)
}

/// Why a text is no acceptable JSON, and the offset of the byte where that shows.
package struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Reason: String, Sendable {
        case syntax = "it does not follow the grammar"
        case unexpectedEnd = "it ends too early"
        case duplicateMember = "an object names a member twice"
        case tooDeep = "it is nested too deeply"
        case tooLarge = "it is too large"
        case invalidUTF8 = "it is not UTF-8"
        case loneSurrogate = "an escape stands for half a character"
    }

    package let reason: Reason
    /// Bytes from the beginning of the text.
    package let offset: Int

    package init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    package var description: String { "\(reason.rawValue) (byte \(offset))" }
}
