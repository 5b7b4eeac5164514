import Logging
import Service
import Storage
import StorageLMDB

extension LMDBStore {
    /// What ``StoreStatus`` has, for monitoring systems and operators.
    var figures: [ServerControl.StoreFigure] {
        let status = status
        return [
            .init("log_segments", "Files of the commit log.", status.logSegments),
            .init("log_bytes", "Bytes of the commit log's files.", status.logBytes),
            .init("overlay_rows", "Rows in memory that the data file does not have yet.", status.overlayRows),
            .init("overlay_bytes", "Bytes of these rows in memory.", status.overlayBytes),
            .init(
                "overlay_age_seconds",
                "Since when the oldest of these rows waits for a checkpoint; 0 if none does.",
                Int(status.overlayAge?.components.seconds ?? 0)
            ),
            .init("checkpoints", "Checkpoints since the start.", Int(status.checkpointCount)),
            .init(
                "checkpoint_age_seconds",
                "Time since the last checkpoint, or since the start.",
                Int(status.checkpointAge.components.seconds)
            ),
            .init(
                "waits_for_room",
                "1 while a checkpoint or the next file of the log does not find room on the disk.",
                status.failure == nil ? 0 : 1
            ),
            .init("waiting_commits", "Changes that wait for the commit thread.", waitingCommitCount),
        ]
    }
}

extension Composition {
    /// Tells the log what a start has found.
    static func tell(_ recovery: StoreRecovery, _ log: Logger) {
        guard recovery.replayedCount > 0 || recovery.wasTorn else { return }
        log.notice(
            "the store was not closed; its last changes were read from the commit log",
            metadata: [
                "batches": "\(recovery.replayedCount)", "unfinished": "\(recovery.wasTorn ? 1 : 0)",
            ]
        )
    }

    /// Tells the log of the clock.
    static func tell(_ news: ClockNews, _ log: Logger) {
        switch news {
        case .ahead(let microseconds):
            log.error(
                "the clock was set far ahead; changes are refused until it is right, or the server is started again",
                metadata: ["seconds": "\(microseconds / 1_000_000)"]
            )
        case .right: log.notice("the clock is right again; changes are taken")
        }
    }
}
