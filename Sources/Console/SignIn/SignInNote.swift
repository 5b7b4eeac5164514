import HTTP
import JSON
import Logging

/// What the server is told of people who sign in and out, for the audit trail.
enum SignInNote {
    static let path = "/console-sign-ins"

    /// The address of a browser, as a member of a command; nothing where none is known.
    static func address(_ peer: Peer) -> [(String, JSONValue)] {
        peer.address.map { [("address", .string($0))] } ?? []
    }
}

extension ConsoleHandler {
    /// Has it recorded that somebody signs in by a provider.
    ///
    /// - Throws: if it cannot be; then nobody is let in.
    func noteSignIn(of signedIn: SignedIn, _ peer: Peer) async throws(ConsoleFault) {
        let role = ("role", JSONValue.string(signedIn.role.rawValue))
        try await note("signedIn", signedIn.person, signedIn.scope, peer, [role])
    }

    /// Has it recorded that somebody was refused, for whom a provider vouches.
    func noteNoRole(of person: Person, _ scope: Scope, _ peer: Peer) async {
        await noteAnyway("noRole", person, scope, peer)
    }

    /// Has it recorded that a provider's answer was refused.
    func noteRefusal(_ scope: Scope, _ peer: Peer) async { await noteAnyway("refused", nil, scope, peer) }

    /// Has it recorded that somebody has signed out.
    func noteSignOut(of session: Session, _ peer: Peer) async {
        await noteAnyway("signedOut", session.person, session.scope, peer)
    }

    /// Of what is refused or over nothing can be taken back: that it is not recorded is told in the log.
    private func noteAnyway(_ outcome: String, _ person: Person?, _ scope: Scope, _ peer: Peer) async {
        do throws(ConsoleFault) { try await note(outcome, person, scope, peer) } catch {
            log.error(
                "the server has not recorded a sign-in or sign-out",
                metadata: ["outcome": "\(outcome)"]
            )
        }
    }

    private func note(
        _ outcome: String,
        _ person: Person?,
        _ scope: Scope,
        _ peer: Peer,
        _ more: [(String, JSONValue)] = []
    ) async throws(ConsoleFault) {
        let tenant = scope.tenant.map { [("tenant", JSONValue.string($0))] } ?? []
        let members = [("outcome", JSONValue.string(outcome))] + tenant + more + SignInNote.address(peer)
        let body = JSONObject(uniqueMembers: members.map { .init(name: $0.0, value: $0.1) })
        _ = try await backend.send(.post, SignInNote.path, body, for: person)
    }
}
