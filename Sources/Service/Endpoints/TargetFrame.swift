import HTTP
import Storage

/// What stands around the one text of a target in which the next requests of a connection differ.
///
/// ```
/// GET /acme/scim/v2/Users?filter=userName%20eq%20%22   bjensen   %22&count=2
///     └───────────────── before ─────────────────┘     gap     └─ after ─┘
/// ```
struct TargetFrame: Sendable {
    /// Most bytes of a target that are kept.
    static let bytesMax = 512

    private let before: [UInt8]
    private let after: [UInt8]

    /// Nil for a target that is long, or that `gap` finds no such text in.
    init?(_ target: Target, gap: (Span<UInt8>) -> Range<Int>?) {
        let frame = target.withBytes { bytes -> (before: [UInt8], after: [UInt8])? in
            guard bytes.count <= Self.bytesMax, let gap = gap(bytes) else { return nil }
            return (
                [UInt8](copying: bytes.extracting(..<gap.lowerBound)),
                [UInt8](copying: bytes.extracting(gap.upperBound...))
            )
        }
        guard let frame else { return nil }
        (before, after) = (frame.before, frame.after)
    }

    /// Shows what another target has in the gap, and where; nil, and nothing shown, if the rest differs.
    func gap<R>(in target: Target, _ body: (Span<UInt8>, Range<Int>) -> R?) -> R? {
        target.withBytes { bytes in
            let end = bytes.count - after.count
            guard end > before.count, bytes.hasPrefix(before.span),
                bytes.extracting(end...).hasPrefix(after.span)
            else { return nil }
            return body(bytes.extracting(before.count..<end), before.count..<end)
        }
    }
}
