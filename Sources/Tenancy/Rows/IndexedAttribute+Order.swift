import SCIM
import Storage

// The order of an index beside that of sort keys.

extension IndexedAttribute {
    /// Whether the order of the rows is that of sort keys: of one value at most, which is a text or a time.
    package var isOrdered: Bool {
        guard !attribute.attribute.multiValued, attribute.subAttribute?.multiValued != true else {
            return false
        }
        switch form {
        case .text: return IndexedValue.textBytesMax(self) == SortKey.textBytesMax
        case .time: return true
        case .boolean, .digits: return false
        }
    }

    /// Whether every resource has a value.
    package var isAlwaysThere: Bool {
        form == .time
            || attribute.container == nil && attribute.subAttribute == nil && attribute.attribute.required
    }

    /// The beginning of the keys of all rows.
    package func rows(_ tenant: UInt32, _ kind: UInt8) -> Key {
        Keys.index(tenant, kind, of: self, beginning: code)
    }

    /// The beginning of the keys of the rows that have a sort key; nil if no row has.
    package func rows(_ tenant: UInt32, _ kind: UInt8, having sortKey: SortKey) -> (key: Key, isLong: Bool)? {
        guard let value = sortKey.content else { return nil }
        var bytes = code
        switch form {
        case .time where value.count == 8:
            bytes += value
            return (Keys.index(tenant, kind, of: self, beginning: bytes), false)
        case .text:
            let isLong = value.count >= SortKey.textBytesMax
            IndexedValue.append(value.span, to: &bytes)
            if !isLong { bytes.append(IndexedValue.end) }
            return (Keys.index(tenant, kind, of: self, beginning: bytes), isLong)
        default:
            return nil
        }
    }

    /// The beginning of the keys of the rows that have the same sort key as another; `start`: where the value begins.
    package func group(ofKey key: Span<UInt8>, all start: Int) -> (key: Key, isLong: Bool) {
        func beginning(_ count: Int) -> Key {
            Key([UInt8](copying: key.extracting(..<min(count, key.count))))
        }
        guard form == .text else { return (beginning(start + 8), false) }
        var index = start
        var count = 0
        while index < key.count {
            if key[index] == IndexedValue.end {
                let isLong = count >= SortKey.textBytesMax
                return (beginning(isLong ? index : index + 1), isLong)
            }
            if key[index] == IndexedValue.escape {
                guard index + 1 < key.count, key[index + 1] != 0 else { break }
                index += 1
            }
            index += 1
            count += 1
        }
        return (beginning(index), true)
    }
}
