internal import JSON

/// What waits to be committed, and what is being counted instead; knows no clock and no store.
///
/// Equal refusals are coalesced: the first becomes a record at once, the others are counted and become one record every
/// ten seconds, or every minute where a rate is exceeded. What finds the queue full is counted too, whatever it is, so
/// that nothing is dropped in silence.
struct AuditIntake: Sendable {
    /// Events that are counted together.
    fileprivate struct Kind: Hashable {
        let event: AuditEvent
        let outcome: AuditOutcome
        var tenant: AuditSlug?
        var credentialID: AuditSlug?
        var network: AuditNetwork?
    }

    private struct Window {
        /// Stands for all events counted.
        let template: AuditRecord
        var start: Timestamp
        var firstTime: Timestamp
        var count: UInt64 = 0
    }

    let limits: AuditQueue.Limits
    private var waiting: [AuditRecord] = []
    private var windows: [Kind: Window] = [:]
    private var nextEnd: Timestamp?
    private(set) var pendingCount: UInt64 = 0
    private(set) var coalescedCount: UInt64 = 0

    init(limits: AuditQueue.Limits) { self.limits = limits }

    var waitingCount: Int { waiting.count }
    var isEmpty: Bool { waiting.isEmpty && pendingCount == 0 }

    /// Takes a record; while the trail accepts nothing, all but the server's own events are only counted.
    mutating func take(_ record: AuditRecord, now: Timestamp, isAccepting: Bool) {
        let isOwn = record.actor == .system
        if !record.event.isRefusal, isOwn || isAccepting && waiting.count < limits.recordsMax {
            return waiting.append(record)
        }
        let isRoom = isAccepting && waiting.count < limits.recordsMax
        var kind = Kind(record, isWhole: true)
        if windows[kind] == nil, windows.count >= limits.windowsMax { kind = Kind(record, isWhole: false) }
        if windows[kind] == nil {
            let isWhole = windows.count < limits.windowsMax
            windows[kind] = Window(template: record.template(isWhole: isWhole), start: now, firstTime: now)
            noteEnd(now, of: kind.event)
            if isWhole, isRoom { return waiting.append(record) }
        }
        count(kind, now)
    }

    private mutating func count(_ kind: Kind, _ now: Timestamp) {
        guard var window = windows[kind] else { return }
        if window.count == 0 { window.firstTime = now }
        window.count += 1
        windows[kind] = window
        pendingCount += 1
        coalescedCount += 1
    }

    private mutating func noteEnd(_ start: Timestamp, of event: AuditEvent) {
        let end = Timestamp(microseconds: start.microseconds + limits.window(of: event))
        nextEnd = nextEnd.map { min($0, end) } ?? end
    }

    /// Turns what was counted for as long as a window takes into records; all that was counted at the end.
    mutating func closeWindows(now: Timestamp, isLast: Bool) {
        guard isLast || isDue(now) else { return }
        nextEnd = nil
        for (kind, window) in windows {
            let age = now.microseconds - window.start.microseconds
            // The clock may have been set back.
            guard isLast || age < 0 || age >= limits.window(of: kind.event) else {
                noteEnd(window.start, of: kind.event)
                continue
            }
            guard window.count > 0 else {
                windows[kind] = nil
                continue
            }
            var record = window.template
            record.coalesced = AuditCoalescing(count: window.count, firstTime: window.firstTime)
            waiting.append(record)
            pendingCount -= window.count
            windows[kind]?.count = 0
            windows[kind]?.start = now
            noteEnd(now, of: kind.event)
        }
    }

    private func isDue(_ now: Timestamp) -> Bool {
        guard let nextEnd else { return false }
        let longest = max(limits.windowMicroseconds, limits.rateWindowMicroseconds)
        return now >= nextEnd || now.microseconds < nextEnd.microseconds - longest
    }

    /// Takes out all records that wait.
    mutating func takeWaiting() -> [AuditRecord] {
        let taken = waiting
        waiting = []
        return taken
    }
}

extension AuditIntake.Kind {
    /// With `isWhole` false only event and outcome count: of those there are few.
    fileprivate init(_ record: AuditRecord, isWhole: Bool) {
        event = record.event
        outcome = record.outcome
        guard isWhole else { return }
        tenant = record.tenant
        credentialID = record.credentialID
        network = record.origin?.address?.network
    }
}

extension AuditRecord {
    /// The record without what differs between the events that it will stand for.
    fileprivate func template(isWhole: Bool) -> AuditRecord {
        var template = AuditRecord(event, outcome, actor: isWhole ? actor : .anonymous)
        template.origin = AuditOrigin(status: origin?.status)
        guard isWhole else { return template }
        template.tenant = tenant
        template.credentialID = credentialID
        // The first one's; the others come from the same network.
        template.origin?.address = origin?.address
        return template
    }
}
