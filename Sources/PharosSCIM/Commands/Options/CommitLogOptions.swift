import ArgumentParser
import StorageLMDB

/// How long changes stay in the commit log that a restart does not need.
struct CommitLogOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("How long the commit log keeps what a restart does not need.", valueName: "hours")
    )
    var logHours = 24

    @Option(help: ArgumentHelp("How much of that it keeps at most.", valueName: "bytes"))
    var logBytes = LogSettings().retainedBytesMax

    private static let hours = 0...8_784
    private static let bytes = 0...(1 << 40)

    func validate() throws {
        guard Self.hours.contains(logHours) else {
            throw ValidationError(
                "--log-hours is from \(Self.hours.lowerBound) to \(Self.hours.upperBound)."
            )
        }
        guard Self.bytes.contains(logBytes) else {
            throw ValidationError(
                "--log-bytes is from \(Self.bytes.lowerBound) to \(Self.bytes.upperBound)."
            )
        }
    }

    var settings: LogSettings {
        var settings = LogSettings()
        settings.retention = .seconds(logHours * 60 * 60)
        settings.retainedBytesMax = logBytes
        return settings
    }
}
