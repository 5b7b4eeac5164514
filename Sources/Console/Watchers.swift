import Synchronization

/// How many pages wait for news.
final class Watchers: Sendable {
    private let max: Int
    private let count = Atomic<Int>(0)

    init(max: Int) { self.max = max }

    /// False if too many wait already.
    func begin() -> Bool {
        guard count.add(1, ordering: .relaxed).newValue <= max else {
            end()
            return false
        }
        return true
    }

    func end() { count.subtract(1, ordering: .relaxed) }
}
