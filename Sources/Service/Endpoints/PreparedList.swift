import HTTP
import Query
import SCIM
import Storage
import Tenancy

/// A list that was asked for by one name, with room for another name.
///
/// Whoever synchronises a directory looks its people up one by one, and these requests differ in the name alone.
final class PreparedList: Sendable {
    /// Most bytes of a name as it is sent.
    private static let nameBytesMax = 256

    let place: ActivityRoute
    let query: ActivityQuery
    let page: ResourceQuery.Page
    /// What answers the list at one stretch, and what is noted then; nil if it may take longer.
    let atOneStretch: (lookUp: ResourceLookUp, again: RepeatedExchange)?
    private let part: ResourceQuery.Part
    private let frame: TargetFrame

    /// Nil unless the request is such a one.
    ///
    /// `filter`: as it was understood. It has both quotation marks of the target, so that it is its text that they enclose, and no
    /// other parameter's.
    init?(
        _ part: ResourceQuery.Part,
        _ page: ResourceQuery.Page,
        _ atOneStretch: (lookUp: ResourceLookUp, again: RepeatedExchange)?,
        filter: String,
        _ exchange: Exchange
    ) {
        guard exchange.request.method == .get, page.cursor == nil, part.filter?.comparable("a") != nil,
            filter.utf8.count(where: { $0 == UInt8(ascii: "\"") }) == 2,
            let frame = TargetFrame(exchange.request.target, gap: Self.quoted)
        else { return nil }
        self.frame = frame
        self.part = part
        self.page = page
        self.atOneStretch = atOneStretch
        place = exchange.place
        query = ActivityQuery(exchange)
    }

    /// The name that a request asks for; nil if it differs in more, or if there is more in it than plain characters.
    func name(in request: Request) -> String? {
        name(in: request) { bytes in bytes.withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) } }
    }

    /// The key of the resource with the name that a request asks for; nil where ``name(in:)`` is, and for a list that is not answered at
    /// one stretch.
    func key(in request: Request) -> Key? {
        guard let lookUp = atOneStretch?.lookUp else { return nil }
        return name(in: request) { lookUp.key(of: $0) }
    }

    /// Shows the name that a request asks for, which has plain characters only.
    private func name<R>(in request: Request, _ body: (Span<UInt8>) -> R?) -> R? {
        guard request.method == .get else { return nil }
        let target = request.target
        return frame.gap(in: target) { bytes, place -> R? in
            guard bytes.count <= Self.nameBytesMax else { return nil }
            switch Self.spelling(of: bytes) {
            case .plain: return body(bytes)
            case .encoded:
                let decoded = target.decodedBytes(in: place)
                // Else there is something in it that a filter reads otherwise.
                return decoded.allSatisfy(Self.isPlain) ? body(decoded.span) : nil
            case .other: return nil
            }
        }
    }

    /// The list for a name.
    func part(asking name: String) -> ResourceQuery.Part? { part.filter?.asking(for: name).map(part.with) }

    // MARK: - Names

    private static let quote: InlineArray<3, UInt8> = [0x25, 0x32, 0x32]

    /// What stands between two encoded quotation marks, if there are no others, encoded or not.
    private static func quoted(in target: Span<UInt8>) -> Range<Int>? {
        for index in target.indices where target[index] == UInt8(ascii: "\"") { return nil }
        var marks: [Int] = []
        for index in 0..<max(0, target.count - 2)
        where target[index] == quote[0] && target[index + 1] == quote[1] && target[index + 2] == quote[2] {
            marks.append(index)
        }
        return marks.count == 2 ? marks[0] + 3..<marks[1] : nil
    }

    /// How a name is written in a query.
    private enum Spelling { case plain, encoded, other }

    /// Other, if a query goes on otherwise behind one of the bytes or reads it as another, or if a filter does.
    private static func spelling(of name: Span<UInt8>) -> Spelling {
        var spelling = Spelling.plain
        for index in name.indices {
            switch name[index] {
            case UInt8(ascii: "%"): spelling = .encoded
            case UInt8(ascii: "+"), UInt8(ascii: "&"), UInt8(ascii: "#"): return .other
            case let byte where !isPlain(byte): return .other
            default: break
            }
        }
        return spelling
    }

    /// Whether a filter's text may have the byte as it is.
    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }
}
