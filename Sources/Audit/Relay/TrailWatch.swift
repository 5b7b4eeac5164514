/// Decides when the operator is told that audit records do not reach the journal, which cannot tell of it itself.
package struct TrailWatch {
    /// How often it is said again while it lasts.
    package static let repeatInterval = Duration.seconds(60)

    package enum Notice: Equatable {
        /// What is wrong, in a sentence.
        case trouble(String)
        case over
    }

    private var known = AuditState.ok
    private var lastTold = Duration.zero

    package init() {}

    /// Takes what the relay tells, at a moment of a clock that does not jump; nil if there is nothing new to say.
    package mutating func notice(_ status: AuditStatus, at now: Duration) -> Notice? {
        let state = status.isRolledBack ? max(status.state, .degraded) : status.state
        guard state >= .degraded else {
            guard known >= .degraded else { return nil }
            known = state
            return .over
        }
        guard state > known || now - lastTold >= Self.repeatInterval else { return nil }
        known = state
        lastTold = now
        return .trouble(Self.text(status))
    }

    private static func text(_ status: AuditStatus) -> String {
        if status.isRolledBack {
            return
                "the journal has audit records that the store does not know: an older copy of the data was put back; "
                + "records wait until the server is stopped and `pharos-scim audit restored` is called: "
                + "\(status.undelivered)"
        }
        let beginning = status.state == .refusing ? "changes are refused; " : ""
        let age = status.oldestAge.components.seconds
        return
            "\(beginning)audit records that wait for the journal: \(status.undelivered), the oldest for \(age) s"
    }
}
