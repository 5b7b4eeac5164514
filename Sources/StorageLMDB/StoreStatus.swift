import Storage

/// What a store tells of its log, overlay and checkpoints.
package struct StoreStatus: Sendable, Equatable {
    /// Files of the log, and what they take on the disk.
    package var logSegments: Int
    package var logBytes: Int
    /// Rows that the data file does not have yet, each of their keys once, and what they take in memory.
    package var overlayRows: Int
    package var overlayBytes: Int
    /// Since when the oldest of them waits, if there are any that no checkpoint has begun to write.
    package var overlayAge: Duration?
    /// Checkpoints since the store was opened, and when the last one ended, or the store was opened.
    package var checkpointCount: UInt64
    package var checkpointAge: Duration
    /// Why the last checkpoint, or making the next file of the log, failed; nil if it did not.
    package var failure: StoreError?
}
