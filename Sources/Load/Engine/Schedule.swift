import Reactor

/// When the requests of an open loop are due, whatever the server does.
struct Schedule {
    private let start: LoopInstant
    private let end: LoopInstant
    /// Nanoseconds between two requests of this worker.
    let interval: Double
    /// Nanoseconds from the start to the first.
    private let offset: Double
    private var index = 0

    /// The part of one worker of so many, which take turns.
    init(perSecond: Int, worker: Int, of workers: Int, from start: LoopInstant, until end: LoopInstant) {
        self.start = start
        self.end = end
        interval = 1e9 * Double(workers) / Double(perSecond)
        offset = 1e9 * Double(worker) / Double(perSecond)
    }

    /// When the next request is due; nil if that is not before the end.
    var nextDue: LoopInstant? {
        let due = LoopInstant(nanoseconds: start.nanoseconds + Int64(offset + Double(index) * interval))
        return due < end ? due : nil
    }

    mutating func advance() { index += 1 }

    /// How many were due and have not been sent, once the end has come, and how long the first of them has waited then.
    var overdue: (count: Int, longest: Int) {
        guard let due = nextDue else { return (0, 0) }
        let longest = end.nanoseconds - due.nanoseconds
        return (Int((Double(longest) / interval).rounded(.up)), Int(longest))
    }
}
