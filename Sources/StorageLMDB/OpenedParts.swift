import Storage

/// What a start has found in the log.
package struct StoreRecovery: Sendable, Equatable {
    /// How many batches were in the log and not in the data file; their rows are in the overlay.
    package var replayedCount: UInt64 = 0
    /// Whether the last record was cut off, because a crash had left it unfinished; nobody was told that it is durable.
    package var wasTorn = false
}

/// The parts of a store over an environment that has been opened, with all that counts in place.
struct OpenedParts {
    let recovery: StoreRecovery
    let readers: ReaderPool
    let shelf: SegmentShelf
    let writer: StoreWriter
    let checkpointer: Checkpointer
    let commitThread: CommitThread
    let accountStates: AccountStates

    /// Reads the log, and puts into the overlay what the data file does not have.
    ///
    /// - Parameters:
    ///   - environment: holds a store of the current format.
    ///   - path: the store's folder.
    ///   - configuration: sizes and limits.
    ///   - clock: microseconds since 1970.
    /// - Throws: ``StoreError/corrupt(_:)`` if the log is damaged, or is not the data file's.
    init(
        _ environment: Environment,
        path: String,
        configuration: LMDBStore.Configuration,
        clock: @escaping @Sendable () -> Int64
    ) throws(StoreError) {
        let disk = try Self.disk(path, configuration)
        let random = configuration.makeSalt
        let (storeID, row) = try Self.position(environment, disk, configuration)
        let position = row.position
        let overlay = Overlay(number: position.number, readerPause: configuration.readerPause)
        shelf = SegmentShelf(
            disk,
            storeID: storeID,
            settings: configuration.log,
            neededFrom: position.segment,
            makeSalt: random,
            seconds: { clock() / 1_000_000 }
        )
        let run = overlay.current.open
        let log = try LogRecovery(disk, storeID: storeID, from: position)
        let found = try log.replay(behind: position) { record, place throws(StoreError) in
            try run.replay(record)
            overlay.publish(place.number)
        }
        guard found.last.number >= row.begunThrough else {
            throw .corrupt(
                "the data file has changes up to record \(row.begunThrough), and the log ends at record \(found.last.number)"
            )
        }
        recovery = StoreRecovery(replayedCount: found.replayedCount, wasTorn: found.wasTorn)
        try shelf.note(found.current)
        if let spare = found.spare { try shelf.put(spare) }
        for number in found.others { try shelf.note(number) }
        readers = ReaderPool(environment, overlay, lentMax: configuration.readersMax)
        let reader = try ReadTransaction(environment)
        let state = try Self.state(reader, overlay)
        let folder = environment.folder
        accountStates = AccountStates(of: configuration.accountKeys)
        writer = StoreWriter(
            overlay,
            accountStates,
            reader: reader,
            log: CommitLog(
                found,
                shelf: shelf,
                settings: configuration.log,
                isDiskFull: { configuration.isDiskFull(folder) }
            ),
            state: state,
            configuration: configuration,
            clock: clock
        )
        checkpointer = try Checkpointer(
            environment,
            overlay,
            readers: readers,
            shelf: shelf,
            position: position,
            configuration: configuration
        )
        commitThread = CommitThread(writer, checkpointer, folder: folder, configuration: configuration)
    }

    private static func disk(
        _ path: String,
        _ configuration: LMDBStore.Configuration
    ) throws(StoreError) -> any LogDisk {
        if let disk = configuration.logDisk { return disk }
        return try SystemLogDisk(folder: path + "/log")
    }

    /// Reads how much of the log the data file has; a store without a log gets one.
    private static func position(
        _ environment: Environment,
        _ disk: any LogDisk,
        _ configuration: LMDBStore.Configuration
    ) throws(StoreError) -> (UniqueID, CheckpointRow) {
        var transaction = try WriteTransaction(environment)
        let info = try transaction.read(ReservedKeys.info) { value, _ in StoreInfo(value: value) } ?? nil
        guard let info else { throw .corrupt("the store's info row is missing or malformed") }
        if let row = try CheckpointRow.read(in: transaction) { return (info.storeID, row) }
        try LogRecovery.create(
            disk,
            storeID: info.storeID,
            salt: configuration.makeSalt(),
            settings: configuration.log
        )
        let row = CheckpointRow(position: .start, begunThrough: 0)
        try row.write(to: &transaction)
        try transaction.commit()
        return (info.storeID, row)
    }

    private static func state(
        _ reader: ReadTransaction,
        _ overlay: Overlay
    ) throws(StoreError) -> StoreState {
        try reader.renew(overlay)
        defer { reader.reset() }
        let state = try reader.read(ReservedKeys.state) { value, _ in StoreState(value: value) } ?? nil
        guard let state else { throw .corrupt("the store's state row is missing or malformed") }
        return state
    }
}

extension Run {
    /// Puts the rows of a record, as its batch left them.
    func replay(_ record: LogRecord) throws(StoreError) {
        var changes = unsafe RunChanges()
        try record.visitRows { key, stored throws(StoreError) in
            unsafe key.withUnsafeBufferPointer { key in
                // The run copies the key, and gives room for the row as long as was asked for.
                if let stored {
                    unsafe put(
                        key,
                        number: record.header.number,
                        storedBytes: stored.count,
                        changes: &changes
                    ) {
                        room in
                        unsafe stored.withUnsafeBufferPointer { stored in
                            unsafe room.copyMemory(from: UnsafeRawBufferPointer(stored))
                        }
                    }
                } else {
                    unsafe put(key, number: record.header.number, storedBytes: nil, changes: &changes) { _ in
                    }
                }
            }
        }
    }
}
