import Audit
import JSON
import Locking
import Storage
import Tenancy

/// The copies of the store that commands are making, each by a series of requests.
///
/// ```
/// begin ─► next ─► next … last part ─► finish: recorded as made
///            └─ ended, or nothing heard of the command for a minute ─► recorded as failed
/// ```
package final class Backups: Sendable {
    /// Begins to read a copy.
    package typealias Begin = @Sendable () throws(StoreError) -> any BackupReading

    private struct Session {
        let reading: any BackupReading
        let actor: AuditActor
        var lastUsed = ContinuousClock.now
        var isBusy = false
        var isWhole = false
    }

    /// Copies at one time.
    static let runningMax = 2
    /// How long nothing may be heard of a command.
    private static let silenceMax = Duration.seconds(60)

    private let administration: Administration
    private let begin: Begin
    private let silenceMax: Duration
    private let sessions = Locked<[String: Session]>([:])

    init(
        _ administration: Administration,
        silenceMax: Duration = Backups.silenceMax,
        begin: @escaping Begin
    ) {
        self.silenceMax = silenceMax
        self.administration = administration
        self.begin = begin
    }

    /// Begins a copy; gives its name.
    func begin(by actor: AuditActor) throws(AdministrationError) -> String {
        let reading: any BackupReading
        do throws(StoreError) { reading = try begin() } catch { throw .store(error) }
        let environment = administration.environment
        let id = UniqueID.timeOrdered(
            milliseconds: environment.now().microseconds / 1_000,
            randomness: environment.randomness()
        ).text
        let isTaken = sessions.withLock { sessions in
            guard sessions.count < Self.runningMax else { return false }
            sessions[id] = Session(reading: reading, actor: actor)
            return true
        }
        guard isTaken else {
            throw .transferRefused(
                "\(Self.runningMax) backups are under way already. One whose command is gone ends within a minute."
            )
        }
        Task { await watch(id) }
        return id
    }

    /// The next part of a copy.
    func next(of id: String) async throws(AdministrationError) -> BackupPart {
        let reading = sessions.withLock { sessions -> (any BackupReading)? in
            guard let session = sessions[id], !session.isBusy, !session.isWhole else { return nil }
            sessions[id]?.isBusy = true
            return session.reading
        }
        guard let reading else { throw Self.unknown }
        let part: BackupPart
        do throws(StoreError) {
            part = try await reading.next()
        } catch {
            await end(id, .failure(error == .full ? .storeFull : .storeFailure))
            throw .store(error)
        }
        sessions.withLock { sessions in
            sessions[id]?.isBusy = false
            sessions[id]?.isWhole = part.isLast
            sessions[id]?.lastUsed = .now
        }
        return part
    }

    /// Takes note that the command has all of a copy where it belongs.
    func finish(_ id: String) async throws(AdministrationError) {
        let session = sessions.withLock { sessions in
            sessions[id]?.isWhole == true ? sessions.removeValue(forKey: id) : nil
        }
        guard let session else { throw Self.unknown }
        try await administration.noteSnapshot(.success, by: session.actor)
    }

    /// Ends a copy that has not come about.
    func abandon(_ id: String) async throws(AdministrationError) {
        guard await end(id, .failure(.outcomeUnknown)) else { throw Self.unknown }
    }

    /// Ends all copies that are under way, as the server does.
    package func abandonAll() async {
        for id in sessions.withLock({ Array($0.keys) }) { await end(id, .failure(.outcomeUnknown)) }
    }

    /// Ends a copy of whose command nothing is heard.
    private func watch(_ id: String) async {
        while true {
            try? await Task.sleep(for: silenceMax / 12)
            let isSilent = sessions.withLock { sessions -> Bool? in
                sessions[id].map { !$0.isBusy && .now - $0.lastUsed > silenceMax }
            }
            guard let isSilent else { return }
            if isSilent { await end(id, .failure(.outcomeUnknown)) }
        }
    }

    @discardableResult
    private func end(_ id: String, _ outcome: AuditOutcome) async -> Bool {
        guard let session = sessions.withLock({ $0.removeValue(forKey: id) }) else { return false }
        // The trail may be what has failed: then the record is missing, as all others are.
        try? await administration.noteSnapshot(outcome, by: session.actor)
        return true
    }

    private static let unknown = AdministrationError.transferRefused(
        "This backup is not under way: it has ended, or nothing was heard of its command for a minute."
    )
}
