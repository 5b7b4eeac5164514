import JSON
import SCIM
import Storage

/// The attributes that requests to one tenant carried and no schema of their resource type defines: which, how often and
/// when.
///
/// Names alone, and never a value.
package struct IgnoredAttributes: Sendable, Equatable {
    /// Attributes that are told apart; further ones are counted together.
    package static let namesMax = 64

    private var named: [Name: Sightings] = [:]
    /// What has no place of its own, because there are too many or its name is too long: once for each name and request.
    package private(set) var others: Sightings?

    package init() {}

    /// What one request carried to a resource type; an attribute that it names twice counts once.
    package init(_ paths: [AttributePath], of type: String, at time: Timestamp) {
        let once = Sightings(at: time)
        for path in paths {
            if let name = Name(type: type, attribute: path.description) {
                if named[name] == nil { add(name, once) }
            } else {
                addToOthers(once)
            }
        }
    }

    package var isEmpty: Bool { named.isEmpty && others == nil }

    /// The attributes in the order of their types and names.
    package var all: [(name: Name, sightings: Sightings)] {
        named.sorted { $0.key < $1.key }.map { (name: $0.key, sightings: $0.value) }
    }

    package mutating func add(_ more: IgnoredAttributes) {
        for (name, sightings) in more.all { add(name, sightings) }
        if let others = more.others { addToOthers(others) }
    }

    private mutating func add(_ name: Name, _ sightings: Sightings) {
        if let known = named[name] {
            named[name] = known.adding(sightings)
        } else if named.count < Self.namesMax {
            named[name] = sightings
        } else {
            addToOthers(sightings)
        }
    }

    private mutating func addToOthers(_ sightings: Sightings) {
        others = others?.adding(sightings) ?? sightings
    }
}

extension IgnoredAttributes {
    /// An attribute of a resource type; case does not count.
    package struct Name: Sendable, Hashable, Comparable {
        /// UTF-8 bytes of an attribute's path: room for every path that the audit trail can name.
        package static let bytesMax = 256

        /// The resource type's name.
        package let type: String
        /// The path as it was spelled at first; without white space and control characters, as its grammar has none.
        package let attribute: String
        private let comparable: String

        /// Nil if a name is too long, or if the path does not follow the grammar.
        init?(type: String, attribute: String) {
            guard (1...SchemaLimits.nameBytesMax).contains(type.utf8.count),
                (1...Self.bytesMax).contains(attribute.utf8.count),
                (try? AttributePath(parsing: attribute)) != nil
            else { return nil }
            self.type = type
            self.attribute = attribute
            comparable = attribute.lowercased()
        }

        package static func == (left: Name, right: Name) -> Bool {
            left.type == right.type && left.comparable == right.comparable
        }

        package func hash(into hasher: inout Hasher) {
            hasher.combine(type)
            hasher.combine(comparable)
        }

        package static func < (left: Name, right: Name) -> Bool {
            (left.type, left.comparable) < (right.type, right.comparable)
        }
    }

    /// The requests that carried an attribute; an operation of a bulk request is one.
    package struct Sightings: Sendable, Equatable {
        /// Where the count ends: what a JSON number holds exactly.
        static let countMax = 1 << 53

        /// 1 to ``countMax``.
        package let count: Int
        package let first: Timestamp
        package let last: Timestamp

        init(at time: Timestamp) {
            count = 1
            first = time
            last = time
        }

        /// Nil for what cannot be.
        fileprivate init?(count: UInt64, first: Int64, last: Int64) {
            guard (1...UInt64(Self.countMax)).contains(count), first <= last else { return nil }
            self.init(
                count: Int(count),
                first: Timestamp(microseconds: first),
                last: Timestamp(microseconds: last)
            )
        }

        private init(count: Int, first: Timestamp, last: Timestamp) {
            self.count = count
            self.first = first
            self.last = last
        }

        fileprivate func adding(_ more: Sightings) -> Sightings {
            Sightings(
                count: min(count + more.count, Self.countMax),
                first: min(first, more.first),
                last: max(last, more.last)
            )
        }
    }
}

// MARK: - The tenant's row

extension IgnoredAttributes {
    private static let format: UInt8 = 1

    /// The format, the number of names, whether there are others; then each name with its sightings, and the others'.
    package var encoded: [UInt8] {
        var row: [UInt8] = [Self.format, UInt8(named.count), others == nil ? 0 : 1]
        for (name, sightings) in all {
            row.appendText(name.type)
            row.appendText(name.attribute)
            row.append(sightings)
        }
        if let others { row.append(others) }
        return row
    }

    /// Nil if the row is damaged.
    package init?(row: Span<UInt8>) {
        var reader = RowReader()
        guard reader.integer(UInt8.self, in: row) == Self.format,
            let count = reader.integer(UInt8.self, in: row), count <= Self.namesMax,
            let hasOthers = reader.integer(UInt8.self, in: row), hasOthers <= 1
        else { return nil }
        for _ in 0..<count {
            guard let type = reader.text(in: row), let attribute = reader.text(in: row),
                let name = Name(type: type, attribute: attribute),
                let sightings = reader.sightings(in: row), named.updateValue(sightings, forKey: name) == nil
            else { return nil }
        }
        if hasOthers == 1 {
            guard let sightings = reader.sightings(in: row) else { return nil }
            others = sightings
        }
        guard reader.offset == row.count else { return nil }
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ sightings: IgnoredAttributes.Sightings) {
        appendBigEndian(UInt64(sightings.count))
        appendBigEndian(sightings.first.microseconds)
        appendBigEndian(sightings.last.microseconds)
    }
}

extension RowReader {
    fileprivate mutating func sightings(in row: Span<UInt8>) -> IgnoredAttributes.Sightings? {
        guard let count = integer(UInt64.self, in: row), let first = integer(Int64.self, in: row),
            let last = integer(Int64.self, in: row)
        else { return nil }
        return IgnoredAttributes.Sightings(count: count, first: first, last: last)
    }
}
