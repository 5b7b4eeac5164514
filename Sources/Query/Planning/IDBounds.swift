import SCIM
import Storage

/// A stretch of the order of ids, which is that of their texts.
///
/// ```
/// sw "01a1"   01a10000-… ─► 01a1ffff-…         gt "01a1"   01a10000-… ─► ffffffff-…
/// ```
struct IDBounds: Sendable {
    let first: UniqueID
    let last: UniqueID

    init(first: UniqueID, last: UniqueID) {
        self.first = first
        self.last = last
    }

    private static let all = IDBounds(first: .zero, last: UniqueID(high: .max, low: .max))
    private static let none = IDBounds(first: UniqueID(high: .max, low: .max), last: .zero)

    /// The ids whose texts stand so to another; nil if that is no one stretch that is known, or the comparison is another one.
    init?(_ comparison: Filter.Operator, _ text: String) {
        let beginning = Self.beginning(with: text.utf8)
        let isWhole = text.utf8.count == UniqueID.textByteCount
        switch (comparison, beginning) {
        case (.sw, let bounds): self = bounds ?? .none
        case (_, nil): return nil
        case (.ge, let bounds?): self.init(first: bounds.first, last: Self.all.last)
        case (.gt, let bounds?) where isWhole:
            guard let next = bounds.last.successor else {
                self = .none
                return
            }
            self.init(first: next, last: Self.all.last)
        // The text of every id that begins so is longer.
        case (.gt, let bounds?): self.init(first: bounds.first, last: Self.all.last)
        case (.le, let bounds?) where isWhole: self.init(first: .zero, last: bounds.last)
        case (.le, let bounds?), (.lt, let bounds?):
            guard let before = bounds.first.predecessor else {
                self = .none
                return
            }
            self.init(first: .zero, last: before)
        default: return nil
        }
    }

    var isEmpty: Bool { last < first }

    func intersection(_ other: IDBounds) -> IDBounds {
        IDBounds(first: max(first, other.first), last: min(last, other.last))
    }

    /// The ids whose texts begin so; nil if none can.
    private static func beginning(with text: String.UTF8View) -> IDBounds? {
        guard text.count <= UniqueID.textByteCount else { return nil }
        var (first, last) = ([UInt8](), [UInt8]())
        for (index, byte) in text.enumerated() {
            switch (UniqueID.isDash(index), byte) {
            case (true, UInt8(ascii: "-")), (false, UInt8(ascii: "0")...UInt8(ascii: "9")),
                (false, UInt8(ascii: "a")...UInt8(ascii: "f")):
                first.append(byte)
            default: return nil
            }
        }
        last = first
        for index in first.count..<UniqueID.textByteCount {
            first.append(UniqueID.isDash(index) ? UInt8(ascii: "-") : UInt8(ascii: "0"))
            last.append(UniqueID.isDash(index) ? UInt8(ascii: "-") : UInt8(ascii: "f"))
        }
        guard let low = UniqueID(text: first.span), let high = UniqueID(text: last.span) else { return nil }
        return IDBounds(first: low, last: high)
    }
}

extension UniqueID {
    /// The id behind in order; nil for the last of all.
    fileprivate var successor: UniqueID? {
        guard low == .max else { return UniqueID(high: high, low: low + 1) }
        return high == .max ? nil : UniqueID(high: high + 1, low: 0)
    }
}
