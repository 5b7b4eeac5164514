import Directory
import JSON
import SCIM
import Storage
import Tenancy

/// What the counters of a kind should say.
struct CountedRecords {
    private let tenant: UInt32
    private let kind: ResourceKind
    private let environment: DirectoryEnvironment
    /// What each counter counts; one that is missing here should be 0.
    private(set) var counts: [Key: Int] = [:]
    /// What the counters of the kind count, in words.
    private var words: [Key: String] = [:]

    init(_ tenant: UInt32, _ kind: ResourceKind, _ environment: DirectoryEnvironment) {
        self.tenant = tenant
        self.kind = kind
        self.environment = environment
        note(Keys.count(tenant, kind.code), "records")
        for urn in kind.countedExtensions {
            note(Keys.count(tenant, kind.code, ofExtension: urn), "records have \(urn)")
        }
    }

    private mutating func note(_ key: Key, _ words: String) {
        counts[key] = 0
        self.words[key] = words
    }

    /// What a counter counts, in words.
    func words(_ key: Key) -> String { words[key] ?? "records have a value that is counted" }

    /// Counts a record; gives its rows, and nil for a damaged one, of which nothing is known.
    @discardableResult
    mutating func add(_ row: Span<UInt8>) -> RecordRows? {
        counts[Keys.count(tenant, kind.code), default: 0] += 1
        guard let record = ResourceRecord(row: row, type: kind.type) else { return nil }
        for urn in kind.countedExtensions where record.resource.attributes[urn] != nil {
            counts[Keys.count(tenant, kind.code, ofExtension: urn), default: 0] += 1
        }
        let rows = RecordRows(record, kind: kind, environment: environment)
        for value in rows.values {
            if let counter = value.counter(tenant, kind) { counts[counter, default: 0] += 1 }
        }
        return rows
    }
}

extension DirectoryChecker {
    /// How many resources there are, how many have attributes of each extension, so that it can be removed once none has, and how
    /// many have each of the values that are counted.
    func checkCounters(_ tenant: UInt32, _ kind: ResourceKind) throws(DirectoryError) -> [DirectoryFinding] {
        try store.reading { snapshot throws(DirectoryError) in
            var counted = CountedRecords(tenant, kind, environment)
            try snapshot.rows(prefix: Keys.records(tenant, kind.code), from: nil) { _, row, _ in
                counted.add(row)
                return .more
            }
            var counts = counted.counts
            try snapshot.rows(prefix: Keys.valueCounts(tenant, kind.code), from: nil) { key, _, _ in
                let key = Key([UInt8](copying: key))
                if counts[key] == nil { counts[key] = 0 }
                return .more
            }
            var findings: [DirectoryFinding] = []
            for (key, count) in counts.sorted(by: { $0.key < $1.key }) {
                let noted: Int = try snapshot.counter(key)
                guard count != noted else { continue }
                let version = try snapshot.row(key) { _, version in version }
                let asFound = version.map { Precondition.version(key, $0) } ?? .absent(key)
                findings.append(
                    DirectoryFinding(
                        "\(kind.type.name): \(count) \(counted.words(key)), but the counter says \(noted)",
                        repair: Changeset(when: [asFound], [.put(key, Counter.bytes(Int64(count)))])
                    )
                )
            }
            return findings
        }
    }
}
