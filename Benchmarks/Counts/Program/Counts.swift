// Counts what the hot paths of a request cost: allocations, and instructions under callgrind. Counts do not depend on how
// busy the machine is, so that continuous integration can compare them with limits.
//
//   scripts/bench counts                  compares with Benchmarks/Counts/limits.tsv
//   Counts allocations                    a line for each path: its name, and allocations of one request
//   Counts run PATH N                     N requests of one path, for callgrind: reads inside `callocations_region`; of changes, which
//                                         other threads take part in, N more are to be compared with

import CAllocations
import Foundation

@main
enum Counts {
    /// Requests of which the average is told, so that what grows now and then does not show as a whole allocation.
    private static let requests = 1_000

    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        switch (arguments.first, arguments.count) {
        case ("allocations", 1):
            try await HotPaths.use { paths in
                for path in HotPath.allCases {
                    try await paths.run(path, requests)
                    let before = callocations_count()
                    try await paths.run(path, requests)
                    let count = Double(callocations_count() - before) / Double(requests)
                    print("\(path.rawValue)\t\(String(format: "%.1f", count))")
                }
            }
        case ("run", 3):
            let words = Array(arguments)
            guard let path = HotPath(rawValue: words[1]), let count = Int(words[2]), count > 0 else {
                return wrong()
            }
            try await HotPaths.use { paths in
                if path.isChange {
                    try await paths.run(path, count)
                } else {
                    try paths.runInRegion(path, count)
                }
            }
        default: wrong()
        }
    }

    private static func wrong() {
        FileHandle.standardError.write(Data("usage: Counts allocations | Counts run PATH N\n".utf8))
        exit(2)
    }
}
