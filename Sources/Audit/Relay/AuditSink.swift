/// Where records go: something that takes entries without a promise, and lets them be read back.
///
/// Belongs to the thread that runs the relay. That sending went well proves nothing; only an entry read back counts.
package protocol AuditSink: ~Copyable {
    /// Whether ``find(since:_:)`` can tell at all what is there, if nothing is wrong.
    var isSearchable: Bool { get }

    /// Hands over entries in their order; may block without limit.
    ///
    /// - Returns: false if the sink said that it did not take one of them; the relay then sends it again later.
    mutating func send(_ entries: [JournalEntry]) -> Bool

    /// Names the store's records that have become readable since the last call; never waits for more.
    mutating func readBack(_ body: (AuditRecordID) -> Void)

    /// Has what reads records back look for the journal's files anew: they may be others, as where somebody has removed its folder.
    ///
    /// What comes back is what is sent from now on; a record that has come unseen is then there twice.
    mutating func lookAnew()

    /// Names the store's records that came at a time or later, in microseconds since 1970, with their hashes, until the body
    /// says that it has enough; false if that cannot be told.
    mutating func find(since microseconds: Int64, _ body: (AuditRecordID, TrailHash) -> Bool) -> Bool
}

extension AuditSink where Self: ~Copyable {
    package var isSearchable: Bool { false }

    package mutating func find(since microseconds: Int64, _ body: (AuditRecordID, TrailHash) -> Bool) -> Bool
    {
        false
    }

    package mutating func lookAnew() {}
}

/// Time for the thread that runs the relay; both waits block that thread, which is nobody else's.
package protocol AuditPacer: Sendable {
    /// Microseconds that only go forward.
    var monotonicMicroseconds: Int64 { get }

    /// Waits this long, whatever is signalled.
    func pause(microseconds: Int64)

    /// Waits until ``signal()``, also one since the last wait, but no longer than this.
    func wait(microsecondsMax: Int64)

    /// Ends the wait; callable from any thread, never blocks.
    func signal()
}
