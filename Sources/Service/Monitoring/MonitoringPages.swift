import Audit
import HTTP
import JSON

/// What a monitoring system may ask, on the operators' socket and on an address of its own: three paths, each by GET.
package struct MonitoringPages: Sendable {
    private let board: HealthBoard
    private let metrics: @Sendable () -> [UInt8]

    /// `metrics`: the page, made when it is asked for; it may take some milliseconds.
    package init(_ board: HealthBoard, metrics: @escaping @Sendable () -> [UInt8]) {
        self.board = board
        self.metrics = metrics
    }

    /// Pages of a program that serves nobody.
    package static let none = MonitoringPages(
        HealthBoard(now: { 0 }, heldFor: { .zero }, commitHeldFor: { .zero })
    ) { [] }

    package var health: Health { board.health }

    /// Answers one of the three paths; nil for others.
    ///
    /// How the server fares is told at once, whatever the store and the journal do.
    package func answer(_ request: Request) -> Outcome? {
        guard request.method == .get, request.target.segments.count == 1 else { return nil }
        switch request.target.segments[0] {
        case "healthz":
            let health = board.health
            return .ready(Self.answer(health, health.isAlive))
        case "readyz":
            let health = board.health
            return .ready(Self.answer(health, health.isReady))
        case "metrics":
            return .pending {
                Response(.ok, contentType: "text/plain; version=0.0.4; charset=utf-8", body: metrics())
            }
        default: return nil
        }
    }

    private static func answer(_ health: Health, _ isGood: Bool) -> Response {
        var response = AdminMessage.json(isGood ? .ok : .serviceUnavailable, .object(health.json))
        response.fields.append((.cacheControl, "no-store"))
        return response
    }
}

/// The address of a monitoring system: ``MonitoringPages`` and nothing else, for whoever can connect.
package struct MonitoringHandler: RequestHandler {
    private let pages: MonitoringPages

    package init(_ pages: MonitoringPages) { self.pages = pages }

    package func handle(_ request: Request) -> Outcome {
        pages.answer(request) ?? .ready(Self.refusal(request))
    }

    package func admit(_ head: Request) -> Admission {
        // None of the three has a content.
        .answered(Self.refusal(head))
    }

    package func response(to rejection: Rejection, from peer: Peer) -> Response {
        AdminMessage.error(.refused, rejection.status, rejection.detail)
    }

    private static func refusal(_ request: Request) -> Response {
        guard request.method == .get else {
            var response = AdminMessage.error(.refused, .methodNotAllowed, "Only GET is answered here.")
            response[.allow] = "GET"
            return response
        }
        return AdminMessage.error(.notThere, .notFound, "Only /healthz, /readyz and /metrics are here.")
    }
}
