import Audit
import JSON

/// How the server fares at a moment, as `/healthz` and `/readyz` tell it.
package struct Health: Sendable {
    /// What the process does.
    package enum Phase: String, Sendable, CaseIterable {
        /// It opens its store, or rebuilds rows; clients are not answered yet.
        case starting
        case serving
        /// It answers what is under way, and takes nothing new.
        case stopping
    }

    /// A loop that does not come round for so long hangs.
    package static let heldMax = Duration.seconds(10)
    /// A commit thread that is in one step for so long hangs, or the disk does: a wait for room ends sooner.
    package static let commitHeldMax = Duration.seconds(60)
    /// The watch looks once a second; one that has not for so long hangs, and what it told is out of date.
    package static let watchMax = Duration.seconds(60)

    package var phase: Phase
    package var audit: AuditState
    /// Whether a checkpoint or the next file of the log finds no room on the disk, so that changes are refused or soon will be.
    package var waitsForRoom: Bool
    /// For how long the longest turn goes on that a loop has not ended.
    package var heldFor: Duration
    /// For how long the commit thread has been in one step.
    package var commitHeldFor: Duration
    /// Since the watch has looked; zero before it begins.
    package var sinceWatch: Duration

    /// Whether the process works at all, so that nothing is gained by starting it again.
    package var isAlive: Bool { heldFor <= Self.heldMax && doesCommit && sinceWatch <= Self.watchMax }

    /// Whether the commit log does not hang.
    package var doesCommit: Bool { commitHeldFor <= Self.commitHeldMax }

    /// Whether clients should be sent here: requests are answered, and changes are not refused for want of an audit trail.
    package var isReady: Bool { isAlive && phase == .serving && audit != .refusing }

    /// Why it is not ready, in a word; nil if it is.
    package var obstacle: String? {
        if heldFor > Self.heldMax { return "loop" }
        if !doesCommit { return "log" }
        if sinceWatch > Self.watchMax { return "watch" }
        if phase != .serving { return phase.rawValue }
        return audit == .refusing ? "audit" : nil
    }

    /// What both paths answer: no secret, and nobody's name.
    package var json: JSONObject {
        JSONObject(uniqueMembers: [
            .init(name: "alive", value: .bool(isAlive)),
            .init(name: "ready", value: .bool(isReady)),
            .init(name: "obstacle", value: obstacle.map(JSONValue.string) ?? .null),
            .init(name: "phase", value: .string(phase.rawValue)),
            .init(name: "audit", value: .string(audit.rawValue)),
            .init(name: "disk", value: .string(waitsForRoom ? "full" : "ok")),
        ])
    }
}
