/// Sizes and limits of the commit log; the defaults suit a server.
package struct LogSettings: Sendable {
    /// How large a segment is; one whose first record is larger takes that one.
    package var segmentBytes = 16 << 20
    /// What is left for changesets that use the reserve, at the end of a segment behind which no other can
    /// be made.
    package var reserveBytes = 2 << 20
    /// Segments whose changes are all in the data file stay for this long, and as long as all of them have
    /// no more bytes.
    package var retention = Duration.seconds(24 * 60 * 60)
    package var retainedBytesMax = 1 << 30
    /// How long an append waits for a segment that is being made.
    package var segmentWait = Duration.seconds(5)
    /// How long it takes until making a segment is tried again.
    package var retryInterval = Duration.milliseconds(500)

    package init() {}
}
