import Logging
import Synchronization

/// How many lines the operational log has, by level.
enum LogLines {
    // Lines are few and come from any thread.
    private static let all: InlineArray<7, Atomic<Int>> = InlineArray { _ in Atomic(0) }

    static func note(_ level: Logger.Level) {
        guard let place = Logger.Level.allCases.firstIndex(of: level) else { return }
        all[place].wrappingAdd(1, ordering: .relaxed)
    }

    /// In the order of `Logger.Level.allCases`.
    static var counts: [Int] { Logger.Level.allCases.indices.map { all[$0].load(ordering: .relaxed) } }
}
