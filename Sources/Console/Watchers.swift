import Synchronization

/// How many pages wait for news.
final class Watchers: Sendable {
    private let max: Int
    private let count = Atomic<Int>(0)
    private let isStopped = Atomic<Bool>(false)
    /// After how long a page that waits looks again.
    private static let interval = Duration.seconds(1)

    init(max: Int) { self.max = max }

    /// False if too many wait already.
    func begin() -> Bool {
        guard count.add(1, ordering: .relaxed).newValue <= max else {
            end()
            return false
        }
        return true
    }

    /// Waits until it is time to look again; false if there will be nothing to wait for, as the console stops.
    func sleep() async -> Bool {
        guard !isStopped.load(ordering: .relaxed), (try? await Task.sleep(for: Self.interval)) != nil else {
            return false
        }
        return !isStopped.load(ordering: .relaxed)
    }

    /// Has those who wait be answered within a second.
    func stop() { isStopped.store(true, ordering: .relaxed) }

    func end() { count.subtract(1, ordering: .relaxed) }
}
