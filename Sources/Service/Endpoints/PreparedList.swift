import HTTP
import Query
import SCIM
import Storage
import Tenancy

/// A list that was asked for by one name, with room for another name.
///
/// Whoever synchronises a directory looks its people up one by one, and these requests differ in the name alone:
/// ```
/// GET /acme/scim/v2/Users?filter=userName%20eq%20%22   bjensen   %22&count=2
///     └───────────────── before ─────────────────┘              └─ after ─┘
/// ```
final class PreparedList: Sendable {
    /// Most bytes of a target that are kept, and of a name.
    static let targetBytesMax = 512
    private static let nameBytesMax = 256

    let place: ActivityRoute
    let query: ActivityQuery
    let page: ResourceQuery.Page
    private let part: ResourceQuery.Part
    private let before: [UInt8]
    private let after: [UInt8]

    /// Nil unless the target is such a request.
    init?(_ part: ResourceQuery.Part, _ page: ResourceQuery.Page, _ exchange: Exchange) {
        guard exchange.request.method == .get, page.cursor == nil, part.filter?.asking(for: "a") != nil
        else { return nil }
        let pieces = exchange.request.target.withBytes { target -> (before: [UInt8], after: [UInt8])? in
            guard target.count <= Self.targetBytesMax, let name = Self.quoted(in: target) else { return nil }
            return (
                [UInt8](copying: target.extracting(..<name.lowerBound)),
                [UInt8](copying: target.extracting(name.upperBound...))
            )
        }
        guard let pieces else { return nil }
        (before, after) = (pieces.before, pieces.after)
        self.part = part
        self.page = page
        place = exchange.place
        query = ActivityQuery(exchange)
    }

    /// The part of the list that a request asks for; nil if it differs in more than the name, or its name in more than
    /// plain characters.
    func part(of request: Request) -> ResourceQuery.Part? {
        guard request.method == .get else { return nil }
        let target = request.target
        let place = target.withBytes { bytes -> Range<Int>? in
            let length = bytes.count - before.count - after.count
            guard (1...Self.nameBytesMax).contains(length), begins(bytes), ends(bytes) else { return nil }
            let place = before.count..<before.count + length
            return Self.separates(bytes.extracting(place)) ? nil : place
        }
        let name = place.flatMap { Self.plain(target.decodedBytes(in: $0)) }
        return name.flatMap { part.filter?.asking(for: $0) }.map(part.with)
    }

    private func begins(_ target: Span<UInt8>) -> Bool {
        for index in before.indices where target[index] != before[index] { return false }
        return true
    }

    private func ends(_ target: Span<UInt8>) -> Bool {
        let start = target.count - after.count
        for index in after.indices where target[start + index] != after[index] { return false }
        return true
    }

    // MARK: - Names

    private static let quote: InlineArray<3, UInt8> = [0x25, 0x32, 0x32]

    /// What stands between the first two encoded quotation marks, if that is all that is quoted.
    private static func quoted(in target: Span<UInt8>) -> Range<Int>? {
        var marks: [Int] = []
        for index in 0..<max(0, target.count - 2)
        where target[index] == quote[0] && target[index + 1] == quote[1] && target[index + 2] == quote[2] {
            marks.append(index)
        }
        return marks.count == 2 ? marks[0] + 3..<marks[1] : nil
    }

    /// Whether a query goes on otherwise behind one of the bytes, or reads it as another.
    private static func separates(_ bytes: Span<UInt8>) -> Bool {
        for index in bytes.indices {
            switch bytes[index] {
            case UInt8(ascii: "+"), UInt8(ascii: "&"), UInt8(ascii: "#"): return true
            default: break
            }
        }
        return false
    }

    /// A name as a filter's text has it; nil if there is anything in it that a filter reads otherwise.
    private static func plain(_ name: [UInt8]) -> String? {
        let isPlain = name.allSatisfy { byte in
            (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
        }
        return isPlain ? String(decoding: name, as: UTF8.self) : nil
    }
}
