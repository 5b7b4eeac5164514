import Storage

/// Why a record was not appended.
enum AppendFailure: Error, CustomStringConvertible {
    /// The log is as it was before.
    case nothing(StoreError)
    /// The record may be in the log; nobody may append behind it.
    case unknown(StoreError)

    var description: String {
        switch self {
        case .nothing(let error): error.description
        case .unknown(let error): "\(error), and what was written may be there or not"
        }
    }
}

/// The log in front of the data file: one record a batch, durable before anybody hears of it.
///
/// ```
/// 0000000000000007.log   header │ record 811 │ record 812 │ … │ (room that no record fits into)
/// 0000000000000008.log   header │ record 903 │ record 904 ← last │ zero …
/// 0000000000000009.log   header │ zero …      made ahead
/// ```
///
/// Each record holds the checksum of the one before, and the next is written when the last is durable. So
/// what follows a
/// record that does not check out tells what has happened: nothing, and a power cut has torn it; or a record
/// of the same chain, and
/// it has been damaged since (``LogRecovery``). One thread at a time uses the log.
struct CommitLog: ~Copyable {
    private let settings: LogSettings
    let shelf: SegmentShelf
    private var segment: LogSegment
    /// Where the next record goes.
    private var offset: Int
    /// The last record.
    private(set) var last: LogPosition
    private let isDiskFull: @Sendable () -> Bool

    private static let emptyBlock = [UInt8](repeating: 0, count: LogFormat.blockBytes)

    /// Goes on behind what a start has found.
    init(
        _ recovered: LogRecovery.Found,
        shelf: SegmentShelf,
        settings: LogSettings,
        isDiskFull: @escaping @Sendable () -> Bool
    ) {
        self.settings = settings
        self.shelf = shelf
        self.isDiskFull = isDiskFull
        segment = recovered.current
        offset = recovered.offset
        last = recovered.last
    }

    /// Asks for the next segment, if it will be needed soon.
    func prepareNext() {
        if offset > settings.segmentBytes / 4 { shelf.want(segment.number + 1) }
    }

    /// Makes a record durable.
    ///
    /// - Parameters:
    ///   - record: its rows; its header is filled in here.
    ///   - timeMicroseconds: when the batch was decided.
    ///   - usesReserve: whether it may take what is kept for changes that must be possible on a full disk.
    /// - Throws: ``AppendFailure``; after ``AppendFailure/unknown(_:)`` the log must not be used.
    mutating func append(
        _ record: inout RecordBuilder,
        timeMicroseconds: Int64,
        usesReserve: Bool
    ) throws(AppendFailure) {
        let size = record.paddedBytes
        do throws(StoreError) {
            try makeRoom(size, usesReserve: usesReserve)
        } catch {
            throw .nothing(error)
        }
        let place = LogPosition(
            number: last.number + 1,
            checksum: record.finish(
                number: last.number + 1,
                previous: last.checksum,
                timeMicroseconds: timeMicroseconds,
                in: segment.header,
                at: offset
            ),
            segment: segment.number,
            offset: offset
        )
        try write(record.bytes)
        last = place
        offset += size
        prepareNext()
    }

    /// Sees to it that a record has its place: here, or at the beginning of the next segment.
    private mutating func makeRoom(_ size: Int, usesReserve: Bool) throws(StoreError) {
        let isNew = offset == LogFormat.firstOffset
        if offset + size > settings.segmentBytes, !isNew {
            let next = try shelf.take(segment.number + 1)
            segment = next
            offset = LogFormat.firstOffset
            return
        }
        guard !usesReserve, !isNew, offset + size > settings.segmentBytes - settings.reserveBytes,
            let failure = shelf.failure
        else { return }
        throw failure
    }

    private func write(_ bytes: [UInt8]) throws(AppendFailure) {
        do throws(StoreError) {
            try segment.file.writeAll(bytes.span, at: offset, durably: true)
        } catch {
            let isFull = error == .full || (error.isInputOutput && isDiskFull())
            guard isFull else { throw .unknown(error) }
            // All of it may be there, and only its sync have failed: a restart must not find what was
            // refused.
            do throws(StoreError) {
                try takeBack()
            } catch {
                throw .unknown(error)
            }
            throw .nothing(.full)
        }
    }

    /// Makes durable that no record begins where the next one goes.
    private func takeBack() throws(StoreError) {
        do throws(StoreError) {
            try segment.file.writeAll(Self.emptyBlock.span, at: offset, durably: true)
        } catch {
            // There is no room even for that: then the file ends here.
            try segment.file.truncate(offset)
            try segment.file.sync()
        }
    }
}

extension StoreError {
    /// Whether the system says that the disk has failed.
    fileprivate var isInputOutput: Bool { self == .system(code: 5) }
}
