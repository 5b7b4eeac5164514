import Counting
import HTTP
import Reactor

/// What a connection has counted in the budgets that all connections share.
struct CountedBytes {
    /// On whose account the body is that is being received; nil while there is none.
    var owner: BodyBudget.Owner?
    /// Bytes of that body.
    var body = 0
    /// Memory of answers that the client has not read.
    var output = 0
    /// Since when such answers have been waiting without a break.
    var outputSince: LoopInstant?
}

extension Connection {
    /// Asks whether the content of a request is worth receiving, before it takes room.
    func admit(_ head: Request) {
        let admission = resources.handler.admit(head)
        WorkAccount.current = account
        switch admission {
        case .receive(let tenant):
            let origin = head.peer.isExempt ? nil : head.peer.origin
            counted.owner = BodyBudget.Owner(tenant: tenant, origin: origin)
        case .answered(let response):
            resources.counters.requests.add()
            parser.abandon()
            count(response, head.method.place, since: resources.loop.now)
            append(response, isHead: head.method == .head, closes: true)
        }
    }

    /// Counts what has come of the body; false if there is no room for it.
    func countBody() -> Bool {
        guard let owner = counted.owner else { return true }
        let more = parser.bodyBytesReceived - counted.body
        guard more > 0 else { return true }
        guard resources.bodies.take(more, for: owner) else { return false }
        counted.body += more
        return true
    }

    /// Leaves the body, which is whole, to the operation that it asks for: it is counted until that ends, whether or not the
    /// client stays.
    func handOverBody() -> (owner: BodyBudget.Owner, bytes: Int)? {
        guard let owner = counted.owner else { return nil }
        defer { (counted.owner, counted.body) = (nil, 0) }
        return (owner, counted.body)
    }

    /// Counts the body out, which has been answered or given up.
    func releaseBody() {
        guard let owner = counted.owner else { return }
        resources.bodies.giveBack(counted.body, of: owner)
        counted.owner = nil
        counted.body = 0
    }

    /// Counts the memory of ``output``, which has changed.
    func countOutput() {
        let bytes = output.memory
        if backlog == 0 {
            counted.outputSince = nil
        } else if counted.outputSince == nil {
            counted.outputSince = resources.loop.now
        }
        guard bytes != counted.output else { return }
        resources.countUnread(bytes - counted.output)
        counted.output = bytes
    }

    /// Counts everything out; the connection is closed.
    func releaseAll() {
        releaseBody()
        resources.countUnread(-counted.output)
        counted.output = 0
    }
}
