import CLinux

/// The read transaction that a thread keeps for a turn, so that the snapshots of a turn take no lock, and nothing is written that
/// another thread reads.
///
/// Used by its thread alone.
final class TurnReader {
    private let pool: ReaderPool
    var transaction: ReadTransaction?
    /// Whether a snapshot has it; a snapshot inside that one takes another.
    var isLent = false

    private init(of pool: ReaderPool) { self.pool = pool }

    /// The calling thread's; nil if the thread takes no turns, or for another store.
    static func current(of pool: ReaderPool) -> TurnReader? {
        guard let place = unsafe clinux_thread_value() else { return nil }
        // The thread's value holds a reference until it is replaced.
        let reader = unsafe Unmanaged<TurnReader>.fromOpaque(place).takeUnretainedValue()
        return reader.pool === pool ? reader : nil
    }

    /// Makes the calling thread one that takes turns.
    static func begin(of pool: ReaderPool) -> TurnReader {
        let reader = TurnReader(of: pool)
        if let place = unsafe clinux_thread_value() {
            unsafe Unmanaged<TurnReader>.fromOpaque(place).release()
        }
        unsafe clinux_set_thread_value(Unmanaged.passRetained(reader).toOpaque())
        return reader
    }
}
