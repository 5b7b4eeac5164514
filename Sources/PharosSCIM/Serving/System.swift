import Directory
import JSON
import Reactor
import Storage
import StorageLMDB
import TLS
import Tenancy

extension DirectoryEnvironment {
    /// The real clock, the kernel's random numbers, OpenSSL's digests and ciphers.
    static let system = DirectoryEnvironment(
        now: { Timestamp(microseconds: Host.microsecondsSince1970() + clockOffset) },
        randomness: { RandomWords.shared.nextPair() },
        sha256: { bytes in Digest.sha256(bytes) },
        constantTimeEquals: { left, right in Digest.constantTimeEquals(left, right) },
        seal: { content, key, context in Sealing.seal(content, key: key, context: context) },
        open: { sealed, key, context in Sealing.open(sealed, key: key, context: context) }
    )

    /// How far tests have moved the clock by which tokens end, in microseconds; the store's own clock stays.
    private static let clockOffset =
        Host.environment("PHAROS_CLOCK_OFFSET_SECONDS").flatMap { Int64($0) }
        .map { min(max($0, -clockOffsetSecondsMax), clockOffsetSecondsMax) * 1_000_000 } ?? 0
    /// A hundred years.
    private static let clockOffsetSecondsMax: Int64 = 100 * 366 * 86_400
}

extension LMDBStore {
    /// Opens the store of a data folder, or makes it.
    ///
    /// `path`: where it is, if not at its place. `onFatal` is told once if the store had to stop, `onClock` that the clock is wrong.
    static func open(
        in folder: DataFolder,
        at path: String? = nil,
        log: LogSettings = LogSettings(),
        onFatal: @escaping @Sendable (StoreError) -> Void = { _ in },
        onClock: @escaping @Sendable (ClockNews) -> Void = { _ in }
    ) throws -> LMDBStore {
        try folder.requireOwner()
        try folder.make()
        var configuration = Configuration()
        configuration.watched = Keys.access
        configuration.accountKeys = Keys.resources
        configuration.log = log
        configuration.onFatal = onFatal
        configuration.onClock = onClock
        configuration.aroundOutcomes = { Wakeups.gathering($0) }
        configuration.onAccount = { WorkAccount.perform(for: $0, $1) }
        configuration.wakeThread = { Wakeups.wake($0) }
        do throws(StoreError) {
            return try LMDBStore(
                path: path ?? folder.storePath,
                configuration: configuration,
                clock: { Host.microsecondsSince1970() }
            )
        } catch .inUse(let holder) {
            throw CommandFailure(
                .unreachable,
                "The store in \(folder.path) is open in \(holder ?? "another process")."
            )
        } catch .newerFormat(let format, let reader) {
            let program = reader.map { "pharos-scim \($0) or later" } ?? "the program that wrote it"
            throw CommandFailure(
                .refused,
                """
                The store in \(folder.path) has format \(format), and this program reads none after \
                \(StoreInfo.currentFormatVersion). Use \(program). Nothing was changed.
                """
            )
        } catch {
            throw CommandFailure(.failed, "The store in \(folder.path) could not be opened: \(error).")
        }
    }
}
