import Locking
import Synchronization

/// The runs over the data file: one that is open, and at most one that is being written to the data file.
final class RunList: Sendable {
    let serial: UInt64
    let open: Run
    let frozen: Run?

    init(serial: UInt64, open: Run, frozen: Run?) {
        self.serial = serial
        self.open = open
        self.frozen = frozen
    }
}

/// What the data file does not have yet, and up to which batch it counts.
///
/// ```
/// batch ─► open run ─ full ─► frozen run ─ checkpoint ─► data file
/// ```
///
/// A reader takes the list of runs, begins its transaction of the data file, loads the number, and looks
/// whether the list is still the
/// same; if not, it begins again. The order matters: a run leaves the list when the data file has it, and a
/// run joins it before it holds
/// a batch that counts. So whatever counts is in the list or in the transaction, and nothing in the
/// transaction is newer than the number.
final class Overlay: Sendable {
    private let list = Locked(RunList(serial: 1, open: Run(), frozen: nil))
    /// The serial of the list, for those who have one already.
    private let serial = Atomic<UInt64>(1)
    private let published: Atomic<UInt64>

    /// For tests: run by a reader between the list and the transaction.
    let readerPause: (@Sendable () -> Void)?

    /// Begins with what the data file has: `number` is that of the last batch in it.
    init(number: UInt64, readerPause: (@Sendable () -> Void)? = nil) {
        published = Atomic(number)
        self.readerPause = readerPause
    }

    /// The number of the last batch that counts.
    var number: UInt64 { published.load(ordering: .acquiring) }

    /// Lets all batches count up to this one, whose rows are in the open run.
    func publish(_ number: UInt64) { published.store(number, ordering: .releasing) }

    var current: RunList { list.withLock { $0 } }

    var currentSerial: UInt64 { serial.load(ordering: .acquiring) }

    /// Begins a new open run, unless there is a frozen one.
    ///
    /// - Returns: the run that is now frozen.
    func freeze() -> Run? {
        list.withLock { list in
            guard list.frozen == nil, !list.open.isEmpty else { return nil }
            let frozen = list.open
            replace(&list, open: Run(), frozen: frozen)
            return frozen
        }
    }

    /// Takes the frozen run out, since the data file has all of it.
    func dropFrozen() {
        list.withLock { replace(&$0, open: $0.open, frozen: nil) }
    }

    private func replace(_ list: inout RunList, open: Run, frozen: Run?) {
        list = RunList(serial: list.serial + 1, open: open, frozen: frozen)
        serial.store(list.serial, ordering: .releasing)
    }
}
