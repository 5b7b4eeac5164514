import Logging
import Service
import Storage
import StorageLMDB

extension LMDBStore {
    /// What ``StoreStatus`` has, for monitoring systems and operators.
    var figures: [ServerControl.StoreFigure] {
        let status = status
        // A store that is closing tells nothing of its file.
        let file = try? dataFile()
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
            + (file.map { file in
                [
                    .init("data_file_bytes", "Bytes of the data file.", file.bytes),
                    .init("data_file_used_bytes", "Bytes of the data file that hold rows.", file.usedBytes),
                    .init(
                        "data_file_free_bytes",
                        "Bytes of the data file that later changes will use again.",
                        file.freeBytes
                    ),
                    .init(
                        "data_file_worth_compacting",
                        "1 if `store compact` would give back a quarter of the data file and more.",
                        file.isWorthCompacting ? 1 : 0
                    ),
                ]
            } ?? [])
    }
}
