import Identity
import Locking

/// The sessions, in memory: a restart of the console signs everybody out.
package final class SessionStore: Sendable {
    /// Sessions at a time; beyond it the one that was idle for longest ends.
    static let sessionsMax = 4_096
    /// Microseconds without a request after which a session ends: half an hour.
    static let idleMax: Int64 = 30 * 60 * 1_000_000
    /// Microseconds after which a session ends in any case: eight hours.
    static let ageMax: Int64 = 8 * 3_600 * 1_000_000
    /// Forms that a session remembers to have carried out.
    static let usedFormsMax = 64

    private let environment: ConsoleEnvironment
    /// By the digest of what the cookie holds, so that looking one up tells nothing about another by its time.
    private let sessions = Locked<[[UInt8]: Session]>([:])

    package init(_ environment: ConsoleEnvironment) { self.environment = environment }

    /// Begins a session.
    ///
    /// - Returns: what the cookie holds: 64 hexadecimal digits.
    func begin(_ signedIn: SignedIn, tenantCreated: String = "") -> String {
        let secret = environment.secret()
        let now = environment.now()
        let session = Session(
            person: signedIn.person,
            role: signedIn.role,
            scope: signedIn.scope,
            tenantCreated: tenantCreated,
            claims: signedIn.claims,
            formSecret: environment.secret(),
            began: now,
            lastUsed: now
        )
        sessions.withLock { sessions in
            sessions = sessions.filter { Self.isAlive($0.value, at: now) }
            if sessions.count >= Self.sessionsMax,
                let idlest = sessions.min(by: { $0.value.lastUsed < $1.value.lastUsed })
            {
                sessions[idlest.key] = nil
            }
            sessions[key(secret)] = session
        }
        return secret
    }

    /// The session of a cookie; nil if there is none or it has ended.
    ///
    /// `countsAsUse`: whether the person has asked, and not a page that follows along.
    func session(_ secret: String, countsAsUse: Bool) -> Session? {
        let now = environment.now()
        return sessions.withLock { sessions in
            let key = key(secret)
            guard var session = sessions[key] else { return nil }
            guard Self.isAlive(session, at: now) else {
                sessions[key] = nil
                return nil
            }
            guard countsAsUse else { return session }
            session.lastUsed = now
            sessions[key] = session
            return session
        }
    }

    /// Judges all sessions anew that a provider vouches for: each goes on as its person is called and may now, or ends.
    func judge(_ judge: (IDTokenClaims, Scope) -> (person: Person, role: Role)?) {
        sessions.withLock { sessions in
            for (key, session) in sessions {
                guard let claims = session.claims else { continue }
                guard let found = judge(claims, session.scope) else {
                    sessions[key] = nil
                    continue
                }
                sessions[key]?.person = found.person
                sessions[key]?.role = found.role
            }
        }
    }

    func end(_ secret: String) { sessions.withLock { $0[key(secret)] = nil } }

    /// Notes that a form is carried out; false if it was before, or the session has ended.
    func use(form number: String, of secret: String) -> Bool {
        sessions.withLock { sessions in
            guard var session = sessions[key(secret)], !session.usedForms.contains(number),
                number > session.formsUsedUpTo
            else { return false }
            session.usedForms.append(number)
            if session.usedForms.count > Self.usedFormsMax, let oldest = session.usedForms.min() {
                session.usedForms.removeAll { $0 == oldest }
                session.formsUsedUpTo = oldest
            }
            sessions[key(secret)] = session
            return true
        }
    }

    /// Lets a form be carried out that could not be.
    func release(form number: String, of secret: String) {
        sessions.withLock { $0[key(secret)]?.usedForms.removeAll { $0 == number } }
    }

    var count: Int { sessions.withLock(\.count) }

    private func key(_ secret: String) -> [UInt8] { environment.sha256(Array(secret.utf8)) }

    private static func isAlive(_ session: Session, at now: Int64) -> Bool {
        now - session.lastUsed < idleMax && now - session.began < ageMax
    }
}
