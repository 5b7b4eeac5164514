import HTTP
import Locking
import Storage
import TestSupport

extension Simulation {
    /// Looks at all resources, one after the other, and deletes them.
    func lookAround() {
        guard history.stop == nil else { return }
        settleMemberships()
        scheduler.drain()
        history.firstOfAftermath = history.exchanges.count
        clients = [Client(calls: [])]
        for kind in Kind.allCases {
            // By their places, as every other reference: those that no answer told of come last.
            for id in ids(of: kind) {
                history.lastIDs.insert(id)
                if created[kind]?.contains(id) != true { created[kind, default: []].append(id) }
            }
        }
        check()
        // Groups first: a group that holds on to a user without being there itself is then left alone with it.
        let references = [Kind.group, .user].flatMap { kind in
            (created[kind] ?? []).indices.map { Reference(kind: kind, place: $0) }
        }
        let reads = references.map { Call.one(.read($0.kind, $0)) }
        let deletions = references.map { Call.one(.delete($0.kind, $0)) }
        clients = [Client(calls: reads + deletions)]
        play()
        check()
        // Whatever failed or was cut short before.
        settleMemberships()
        scheduler.drain()
        check()
        let edges = (try? base.keys(EdgeKeys.edges)) ?? []
        if !edges.isEmpty { history.findings.append("\(edges.count) memberships are left of nobody") }
        for kind in Kind.allCases where !ids(of: kind).isEmpty {
            history.findings.append("\(kind.rawValue) are left when all have been deleted")
        }
    }

    private func ids(of kind: Kind) -> [String] {
        let response = Locked<Response?>(nil)
        send(wire.list(kind), of: 0) { _, heard in response.withLock { $0 = heard } }
        scheduler.drain()
        return response.withLock(\.self).map { Hearing.ids($0) } ?? []
    }

    private func check() {
        do {
            history.findings += try incarnation.service.findings()
            history.findings += try base.check().findings.map { "\($0)" }
        } catch {
            history.findings.append("the store cannot be read: \(error)")
        }
    }
}
