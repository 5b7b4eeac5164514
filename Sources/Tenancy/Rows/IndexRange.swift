import JSON
import SCIM
import Storage

/// The rows of an index whose values may fulfil a comparison: from a key on, up to another.
package struct IndexRange: Sendable {
    package let attribute: IndexedAttribute
    /// The first key that may belong to the range.
    package let lower: Key
    /// The first key behind the range.
    package let upper: Key
    /// Whether every row inside fulfils the comparison; of long texts only the beginning is known.
    package let isExact: Bool
    /// Whether the rows have one value, so that they are in the order of their ids, which ends the keys behind ``lower``.
    package let isOneValue: Bool
    /// The counter of the rows, if there is one.
    package let counter: Key?

    /// The rows of all values; for texts that are not empty.
    package init(of attribute: IndexedAttribute, tenant: UInt32, kind: UInt8) {
        let all = Keys.index(tenant, kind, of: attribute, beginning: attribute.code)
        let begins = attribute.form == .text ? [IndexedValue.escape] : []
        self.init(attribute, Key(all.bytes + begins), all.behind)
    }

    /// The rows that may fulfil a test; nil if the index does not tell.
    package init?(
        _ test: ValueTest,
        of attribute: IndexedAttribute,
        tenant: UInt32,
        kind: UInt8,
        sha256: (Span<UInt8>) -> [UInt8]
    ) {
        func key(_ bytes: [UInt8]) -> Key { Keys.index(tenant, kind, of: attribute, beginning: bytes) }
        func one(_ value: IndexedValue) -> IndexRange {
            let lower = key(value.bytes)
            let counter = attribute.isCounted ? Keys.count(tenant, kind, of: value) : nil
            return IndexRange(attribute, lower, lower.behind, isOneValue: true, counter: counter)
        }
        let all = key(attribute.code)
        switch (attribute.form, test) {
        case (.text, .text(.eq, let text)):
            self = one(IndexedValue(attribute, text: text, sha256: sha256))
        case (.text, .text(let comparison, let text)):
            self.init(attribute, comparison, text, all)
        case (.boolean, .boolean(let flag)):
            self = one(IndexedValue(attribute, flag))
        case (.time, .time(let comparison, let time)):
            let range = one(IndexedValue(attribute, time))
            switch comparison {
            case .eq: self = range
            case .gt: self.init(attribute, range.upper, all.behind)
            case .ge: self.init(attribute, range.lower, all.behind)
            case .lt: self.init(attribute, all, range.lower)
            case .le: self.init(attribute, all, range.upper)
            case .ne, .co, .sw, .ew: return nil
            }
        // Who counts as having a value without one has a row.
        case (_, .present) where attribute.absent == nil && attribute.form != .digits:
            self.init(of: attribute, tenant: tenant, kind: kind)
        default:
            return nil
        }
    }

    /// The rows of texts that stand so to another; `all`: the beginning of all keys.
    private init?(_ attribute: IndexedAttribute, _ comparison: Filter.Operator, _ text: String, _ all: Key) {
        let utf8 = text.utf8.span
        let max = IndexedValue.textBytesMax(attribute)
        let isLong = utf8.count > max
        var bytes = all.bytes
        IndexedValue.append(utf8.extracting(..<min(utf8.count, max)), to: &bytes)
        // Of a long text, all that begin like it lie together, in no order.
        let first = Key(bytes + (isLong ? IndexedValue.endOfBeginning : [IndexedValue.end]))
        let behind = isLong ? first.behind : Key(bytes + [IndexedValue.escape])
        switch comparison {
        case .sw where isLong: self.init(attribute, first, behind, isExact: false)
        case .sw: self.init(attribute, Key(bytes), Key(bytes).behind)
        case .gt: self.init(attribute, isLong ? first : behind, all.behind, isExact: !isLong)
        case .ge: self.init(attribute, first, all.behind, isExact: !isLong)
        case .lt: self.init(attribute, all, isLong ? behind : first, isExact: !isLong)
        case .le: self.init(attribute, all, behind, isExact: !isLong)
        case .eq, .ne, .co, .ew: return nil
        }
    }

    private init(
        _ attribute: IndexedAttribute,
        _ lower: Key,
        _ upper: Key,
        isExact: Bool = true,
        isOneValue: Bool = false,
        counter: Key? = nil
    ) {
        self.attribute = attribute
        self.lower = lower
        self.upper = upper
        self.isExact = isExact
        self.isOneValue = isOneValue
        self.counter = counter
    }

    /// The rows that belong to both ranges, which are of the same attribute.
    package func intersection(_ other: IndexRange) -> IndexRange {
        IndexRange(
            attribute,
            max(lower, other.lower),
            min(upper, other.upper),
            isExact: isExact && other.isExact
        )
    }
}

extension Key {
    /// The first key behind all that begin with this one; there is one, as spaces do not reach 0xFF.
    fileprivate var behind: Key { behindPrefix ?? self }
}

extension StoreSnapshot where Self: ~Copyable {
    /// Visits the rows of a range in their order, from a key on; `body` gets each key and the resource's id.
    package func rows(
        of range: IndexRange,
        from start: Key? = nil,
        _ body: (Span<UInt8>, UniqueID) -> ScanStep
    ) throws(DirectoryError) {
        let isUnique = range.attribute.isUnique
        let upper = range.upper.bytes
        guard range.lower < range.upper else { return }
        try rows(prefix: Key([range.lower.bytes[0]]), from: start ?? range.lower) { key, row, _ in
            guard key.order(upper.span) < 0 else { return .stop }
            guard let id = isUnique ? UniqueID(bytes: row) : Keys.id(fromKey: key) else { return .more }
            return body(key, id)
        }
    }

    /// The resources in a range, in the order of their values; nil if there are more than `limit`.
    package func resources(in range: IndexRange, limit: Int) throws(DirectoryError) -> [UniqueID]? {
        var ids: [UniqueID] = []
        try rows(of: range) { _, id in
            ids.append(id)
            return ids.count <= limit ? .more : .stop
        }
        return ids.count <= limit ? ids : nil
    }
}
