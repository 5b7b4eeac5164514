import Storage
import TestSupport
import Testing

@testable import StorageLMDB

@Suite("A run of the overlay")
struct RunTests {
    /// What a run shows for a number, beside a plain model.
    typealias Model = [String: [(number: UInt64, value: [UInt8]?)]]

    static func put(
        _ run: Run,
        _ key: String,
        _ value: [UInt8]?,
        _ number: UInt64,
        _ changes: inout RunChanges
    ) {
        Key.user(key).bytes.withUnsafeBufferPointer { key in
            run.put(key, number: number, storedBytes: value?.count, changes: &changes) { room in
                if let value { room.copyBytes(from: value) }
            }
        }
    }

    static func value(_ version: RunVersion?) -> [UInt8]? {
        version.flatMap { $0.isDeleted ? nil : Array($0.bytes) }
    }

    @Test(
        "keys, versions and order are those of a plain model, for every number, also after batches that came to nothing"
    )
    func model() throws {
        var random = SeededGenerator(seed: 11)
        let run = Run()
        var model = Model()
        var number: UInt64 = 1
        for _ in 0..<400 {
            var changes = RunChanges()
            var batch: [(String, [UInt8]?)] = []
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let place = Int.random(in: 0..<200, using: &random)
                let key = place % 2 == 0 ? "\(place)" : "prefix\(place % 5).\(place)"
                let value: [UInt8]? =
                    Int.random(in: 0..<4, using: &random) == 0
                    ? nil
                    : [UInt8](
                        repeating: .random(in: 0...255, using: &random),
                        count: .random(in: 0...30, using: &random)
                    )
                Self.put(run, key, value, number, &changes)
                batch.append((key, value))
            }
            if Int.random(in: 0..<5, using: &random) == 0 {
                run.takeBack(&changes)
                continue
            }
            for (key, value) in batch { model[key, default: []].append((number, value)) }
            number += 1
        }
        for seen in [0, 1, 7, number / 2, number - 1, .max] {
            var expected: [(Key, [UInt8]?)] = []
            for (key, versions) in model {
                guard let last = versions.last(where: { $0.number <= seen }) else { continue }
                expected.append((.user(key), last.value))
            }
            expected.sort { $0.0 < $1.0 }
            let view = RunView(open: .passUnretained(run), frozen: nil, upTo: seen)
            var forward: [(Key, [UInt8]?)] = []
            var cursor = Key([]).bytes.withUnsafeBufferPointer { view.cursor(from: $0, within: $0) }
            while let (key, version) = cursor.current {
                forward.append((Key(Array(key)), Self.value(version)))
                cursor.advance()
            }
            var backward: [(Key, [UInt8]?)] = []
            cursor = view.cursorBackward(before: nil)
            while let (key, version) = cursor.current {
                backward.append((Key(Array(key)), Self.value(version)))
                cursor.advance()
            }
            #expect(forward.elementsEqual(expected) { $0.0 == $1.0 && $0.1 == $1.1 })
            #expect(backward.reversed().elementsEqual(expected) { $0.0 == $1.0 && $0.1 == $1.1 })
            for (key, value) in expected {
                let found = key.bytes.withUnsafeBufferPointer { view.find($0) }
                #expect(found != nil)
                #expect(Self.value(found) == value)
            }
            #expect(Key.user("none").bytes.withUnsafeBufferPointer { view.find($0) } == nil)
            for prefix in ["", "1", "12", "prefi", "prefix", "prefix3", "prefix3.1", "prefix9", "absent"] {
                let prefix = Key.user(prefix)
                let shown = forward.filter { $0.0.bytes.starts(with: prefix.bytes) }
                var walked: [Key] = []
                var cursor = prefix.bytes.withUnsafeBufferPointer { view.cursor(from: $0, within: $0) }
                while let (key, _) = cursor.current, key.starts(with: prefix.bytes) {
                    walked.append(Key(Array(key)))
                    cursor.advance()
                }
                #expect(walked == shown.map(\.0))
            }
        }
    }

    @Test(
        "the list is whole and in order on every level, in whatever order the keys of many kinds come",
        arguments: KeyOrder.allCases
    )
    func levels(order: KeyOrder) {
        var random = SeededGenerator(seed: 5)
        let run = Run()
        var changes = RunChanges()
        // More kinds than there are fingers, so that some share one.
        let keys = order.keys(kinds: 150, each: 60, &random)
        for key in keys { Self.put(run, key, [], 1, &changes) }
        var onLevel = [Int](repeating: 0, count: Run.heightMax)
        var node = run.first
        while let found = node {
            for level in 0..<found.height { onLevel[level] += 1 }
            node = found.next(0)
        }
        #expect(onLevel[0] == keys.count)
        for level in 0..<Run.heightMax {
            var found: [Key] = []
            var node = run.head.next(level)
            while let next = node {
                found.append(Key(Array(next.key)))
                node = next.next(level)
            }
            #expect(found.count == onLevel[level])
            #expect(zip(found, found.dropFirst()).allSatisfy { $0 < $1 })
        }
    }

    enum KeyOrder: CaseIterable {
        case ascending, descending, mixed, kindByKind, interleaved

        func keys(kinds: Int, each: Int, _ random: inout SeededGenerator) -> [String] {
            let numbers = 100_000..<(100_000 + each)
            // Seven bytes, with the space in front, are a kind.
            func key(_ kind: Int, _ number: Int) -> String { "\(100_000 + kind)/\(number)" }
            let all = (0..<kinds).flatMap { kind in numbers.map { key(kind, $0) } }
            switch self {
            case .ascending: return all
            case .descending: return all.reversed()
            case .kindByKind:
                return (0..<kinds).shuffled(using: &random).flatMap { kind in numbers.map { key(kind, $0) } }
            case .mixed: return all.shuffled(using: &random)
            case .interleaved:
                return numbers.flatMap { number in
                    (0..<kinds).shuffled(using: &random).map { key($0, number) }
                }
            }
        }
    }

    @Test("a run tells of most prefixes, and of most keys, that it has none of them")
    func absent() {
        let run = Run()
        var changes = RunChanges()
        for number in 0..<1_000 { Self.put(run, "aaaaa\(number)", [1], 1, &changes) }
        func mayHold(_ prefix: String) -> Bool {
            Key.user(prefix).bytes.withUnsafeBufferPointer { run.mayHold(prefix: $0) }
        }
        #expect(mayHold("aaaaa") && mayHold("aaaaa5") && mayHold(""))
        #expect((0..<1_000).filter { mayHold("bbb\($0)") }.count < 10)
    }
}
